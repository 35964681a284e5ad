"""Imported by each Python of the harness before anything else, by its name and by PYTHONPATH."""

from tests.chaos import plants

plants.install()
