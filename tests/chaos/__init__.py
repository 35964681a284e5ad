"""Kills under load: `python -m tests.chaos` (`make chaos`) runs the real server, kills it and compares what it had promised.

`load` promises and keeps a journal, `desk` are the processes and who kills them, `check` reads the database afterwards,
`plants` are the faults by which each check is shown to work. None of it is known to the product.
"""
