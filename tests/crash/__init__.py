"""Crashes at a chosen point: one act under strace, killed at its n-th call, refused its n-th write, or robbed of what no
disk had yet. `python -m tests.crash` (`make crashes`) takes every act and every call, the tests a sample of both.

`child` does the act in a process of its own, `tracing` holds that process by strace, `scenes` are the acts, `judging` reads
the database afterwards, `power` makes the images that a power cut leaves, `plants` are the faults by which each check is
shown to work. None of it is known to the product. It is SQLite's writing that is traced: PostgreSQL writes in processes of
its own, which `tests.chaos` kills.
"""
