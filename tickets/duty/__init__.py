"""Who is on duty for a party, on record: rosters as they were brought, hand-overs, and when nobody was there."""
