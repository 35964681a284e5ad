"""How the desk looks after itself: what the clock failed to note is tried again, what got lost is derived anew, and both are
told to those who run it."""
