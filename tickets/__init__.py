"""The records: tickets and their events, papers and timers; the one door through which they change; pages and API."""
