"""python -m watcher PORT: prints a line when the state changes; "STATE SECONDS" on standard input names the last."""

import argparse
from itertools import islice
from select import select

from watcher.watch import WINDOW_S, Watcher, sensor_board


def main() -> None:
    """Watch until the end, or for so many windows."""
    asked = argparse.ArgumentParser(prog="watcher", description=__doc__)
    asked.add_argument("port", help="as /dev/serial/by-id/usb-…")
    asked.add_argument("--store", default="watcher.db", help="what was learned (default: %(default)s)")
    asked.add_argument("--windows", type=int, help="end after so many: is the sensor alive?")
    given = asked.parse_args()
    state: str | None = "nothing yet"
    with Watcher(given.store) as watcher, open(0, "rb", buffering=0, closefd=False) as people:
        listening = True
        for seen in islice(watcher.follow(sensor_board(given.port)), given.windows):
            if seen.state != state:
                state = seen.state
                print(f"{seen.time_s:.3f} {state or f'unknown, most like {seen.guess}'}", flush=True)
            if listening and select([people], [], [], 0)[0]:
                line = people.readline().decode().split()
                listening = bool(line)
                if len(line) == 2:
                    n = watcher.told(line[0], seen.time_s - float(line[1]), seen.time_s + WINDOW_S)
                    print(f"{line[0]}: learned from {n} windows", flush=True)


main()
