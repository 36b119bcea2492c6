"""python3 -m tools bench: every figure the README quotes, measured by code anyone can read and run again.

Each group of figures runs in a process of its own with one thread, and each figure is kept as it is made, so a
run that was stopped goes on where it was; ``--fresh`` measures again.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from tools.bench import groups, picture, table
from tools.bench.results import KEPT, WORKING, Results
from tools.bench.run import Runner


def main(argv: Sequence[str]) -> int:
    """Measure what is missing, print all figures; 1 when a measurement broke, 2 for an unknown name."""
    options = _parser().parse_args(argv)
    try:
        chosen = groups.chosen(options.only)
    except KeyError as unknown:
        print(f"bench: no figure or group is called {unknown}; see --list", file=sys.stderr)
        return 2
    if options.list:
        table.declared(chosen)
        return 0
    runner = Runner()
    results = Results(WORKING, runner.machine)
    broken = sum(not runner.run(group, results, options.fresh) for group in chosen)
    shown = runner.shown(chosen, results, options.only)
    if options.json:
        print(json.dumps({"figures": shown, "machine": runner.machine}, ensure_ascii=False))
    else:
        table.measured(shown, runner.machine)
    if options.keep:
        results.write(KEPT)
        picture.keep()
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m tools bench", description="Every figure the README quotes."
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these groups or figures")
    parser.add_argument(
        "--list", action="store_true", help="print what there is, with goals and the data it needs"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--fresh", action="store_true", help="measure again what is already there")
    parser.add_argument(
        "--keep", action="store_true", help="also write what the README quotes: results.json, picture"
    )
    return parser
