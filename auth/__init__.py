"""Who is who: people and mandates, sign-in, sessions, second factor, identity checks, the policy table."""
