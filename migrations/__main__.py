"""`python -m migrations "what now holds"` writes the next step; read it before it is committed."""

from __future__ import annotations

import sys

from migrations import write


def main(arguments: list[str]) -> int:
    """Writes one step named after its one argument."""
    if len(arguments) != 1 or not arguments[0].strip():
        sys.stderr.write('A step needs a sentence: make migration SAYS="events cannot be changed"\n')
        return 2
    sys.stdout.write("\n".join(write(arguments[0])) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
