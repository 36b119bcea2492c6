"""The suite in the root: one pytest for each folder of tests, the most telling folders first.

Rule 1: the results of a folder count as soon as it ends, whatever happens to the next. Rule 2: as `tools test` does,
kernels run in plain Python first. Rule 3: time means nothing here: every limit of pytest's own is an hour, and what
asserts how much is done in a time is left out by name.
"""

import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from tools._threads import ONE_THREAD
from tools.arm64.inside import inside, read_only, system
from tools.arm64.needs import Arm64Error
from tools.arm64.packages import COPY
from tools.arm64.summary import Outcome, read

CORE = ("kernels", "rules", "neurons", "signals", "layer", "layer_conv", "readouts", "learner", "store")
AROUND = ("sources", "extractor", "evaluate", "systems", "bridge/protocol", "bridge/rules", "bridge/sdk")
FIRST = (*CORE, *AROUND, "run", "cli", "demo")
JIT_OFF = "JIT off"
NOT_HERE = (
    "tests/store/test_kill.py::test_killed_at_any_instant",  # so many saves in so many milliseconds
    # qemu-user refuses prctl(PR_SET_CHILD_SUBREAPER), and its own memory counts as the workload's
    "tests/cli/test_emulate.py",
    "tests/emulator/device",
    "tests/emulator/plugin",
    "tests/emulator/test_example.py",
    "tests/test_readme.py::test_the_devices_in_ci_run",
)
RESULTS = "results"
DATA = "data"
NUMBA_CACHE = "/tmp/numba"
ENVIRONMENT = {
    "NUMBA_CACHE_DIR": NUMBA_CACHE,
    **ONE_THREAD,
    "ASAN_OPTIONS": "detect_leaks=0",  # looking for leaks takes ptrace, which qemu-user has not
    "CI": "1",  # hypothesis: no deadline, the same examples every time
}


class Group(NamedTuple):
    """Test files that share one pytest; `name` is their folder below tests/."""

    name: str
    paths: tuple[str, ...]


def groups(tests: Path, only: Sequence[str] = ()) -> list[Group]:
    """Return the folders that hold test files, in order. Raises Arm64Error for a name in `only` that is none."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        name = path.parent.relative_to(tests).as_posix()
        found.setdefault(name, []).append(f"tests/{path.relative_to(tests).as_posix()}")
    wanted = [name.strip("/").removeprefix("tests/") for name in only] or list(found)
    for name in wanted:
        if not any(_below(folder, name) for folder in found):
            near = get_close_matches(name, found, n=3) or sorted(found)
            raise Arm64Error(f"no folder of tests is called {name!r}; there are {', '.join(near)}")
    chosen = [name for name in found if any(_below(name, one) for one in wanted)]
    chosen.sort(key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    folders = [Group(name, tuple(found[name])) for name in chosen]
    return [Group(JIT_OFF, tuple(path for folder in folders for path in folder.paths)), *folders]


def _below(folder: str, name: str) -> bool:
    return folder == name or folder.startswith(f"{name}/")


def run(
    root: Path,
    chosen: Iterable[Group],
    arguments: Sequence[str],
    data: Path | None,
    say: Callable[[str], None],
) -> Iterator[Outcome]:
    """Run the groups one after the other; yield each outcome as it ends."""
    for group in chosen:
        say(f"tests: {group.name}")
        result = root / RESULTS / f"{group.name.replace('/', '.').replace(' ', '-')}.xml"
        result.unlink(missing_ok=True)
        done = subprocess.run(command(root, group, result.name, arguments, data), check=False)
        yield read(group.name, result, done.returncode)


def command(root: Path, group: Group, result: str, arguments: Sequence[str], data: Path | None) -> list[str]:
    """Return the command that runs one group and writes its JUnit file."""
    environment, mounts, kernels = dict(ENVIRONMENT), system(root), list[str]()
    if group.name == JIT_OFF:
        environment["NUMBA_DISABLE_JIT"] = "1"
        kernels = ["-m", "kernels"]
    if data is not None:
        environment["EDGELEARN_DATA"] = f"/{DATA}"
        mounts.append(read_only(data, DATA))
    pytest = ["python", "-m", "pytest", "--timeout=3600", f"--junitxml=/{RESULTS}/{result}"]
    pytest += ["-o", "junit_family=xunit1"]  # the newer one refuses properties, which some tests record
    pytest += [f"--deselect={test}" for test in NOT_HERE]
    return inside(root, [*pytest, *arguments, *kernels, *group.paths], mounts, environment, COPY)
