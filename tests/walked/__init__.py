"""The desk walked at random, step by step: people who know what to do and people who do not, and after each step the record
is read as a stranger would read it."""
