"""What the desk tells people: who is told, in which words and when, by which channel, and what became of it.

Messages are written with the act (`tickets.pen`); everything outward happens here, after the commit, in the worker.
"""
