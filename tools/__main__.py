"""python3 -m tools: the list of commands, or one of them inside its own virtual environment.

This file alone must also be readable by a Python that is too old, which it tells so.
"""

import sys

OLDEST = (3, 11)


def main(argv: list[str]) -> int:
    if sys.version_info < OLDEST:
        version = ".".join(str(part) for part in sys.version_info[:3])
        print(f"edgelearn needs Python 3.11 or newer; this is {version} ({sys.executable})", file=sys.stderr)
        return 1
    from tools import _run

    return _run.run(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
