"""python3 -m tools demo: the command ``edgelearn demo`` in the environment of the checkout."""

from edgelearn.cli import main as edgelearn


def main(argv: list[str]) -> int:
    """Run the demo; click ends the process with its exit code."""
    edgelearn(["demo", *argv], prog_name="edgelearn")
    return 0
