"""A contract's whole term in minutes: people with characters drive the desk at a clock that is moved, by one seed.

Nothing is inserted: everybody enrols, proves their factor and acts through the one door, and the clock's workers strike
what runs out. Who does what next is chosen from what the desk offers to that person at that moment, so a duty that is
declared tomorrow is played as well. The same seed comes to the same records, byte for byte; what came of it is checked.
"""
