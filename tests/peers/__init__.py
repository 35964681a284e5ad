"""How the desks of others let through what they should have refused: each failure is a test here, named after what held.

Every test goes through real doors (API, pages, commands, the clock), sees the refusal with its guard and clause and that
nothing changed, and then does the nearest act that is permitted. Beside each test its bug is declared, and planting it
must make the test fail: `test_with_the_bug_planted_each_test_fails.py`.
"""
