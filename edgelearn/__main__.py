"""python -m edgelearn: the command line."""

from edgelearn.cli import main

main(prog_name="edgelearn")
