"""A process that saves without pause, killed at any instant: no version it has acknowledged is lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

from edgelearn.store import Store
from tests.store.samples import same, snapshot

ROUNDS = 12
SAVE_ON = """
import sys
from edgelearn.store import Store
from tests.store.samples import snapshot
with Store(sys.argv[1], keep=2) as store:
    print("open", flush=True)
    while True:
        print(store.save(snapshot((store.newest or 0) + 1, floats=60_000)).version, flush=True)
"""


def test_killed_at_any_instant(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    rng = random.Random(5)
    acknowledged = waited_for = 0
    for _ in range(ROUNDS):
        saves = rng.randrange(4)  # at least, however slow the machine
        waited_for += saves
        acknowledged = max(acknowledged, killed_after(saves, rng.uniform(0.0, 0.15), path))
        with Store(path, read_only=True) as reader, Store(path) as store:
            newest = store.newest or 0
            assert newest in (acknowledged, acknowledged + 1)
            assert reader.newest == store.newest
            assert store.verify().ok
            assert newest == 0 or same(store.load(), snapshot(newest, floats=60_000))
        acknowledged = newest
    assert acknowledged >= waited_for


def killed_after(saves: int, seconds: float, path: Path) -> int:
    """Run the saving process, kill it so long after so many saves, and return what it acknowledged last."""
    with subprocess.Popen(
        [sys.executable, "-c", SAVE_ON, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        lines = [child.stdout.readline() for _ in range(saves)]
        time.sleep(seconds)
        child.kill()
        lines += child.stdout.read().splitlines()
    return max((int(line) for line in lines), default=0)
