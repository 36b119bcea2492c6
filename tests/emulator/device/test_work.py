"""What may be run: functions by file and name, commands; what travels; how a failure comes back."""

import functools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.device.values import decode, encode
from edgelearn.errors import ConfigError
from tests.emulator.device import workloads
from tests.emulator.device.together import asked, together


def run(work: Any, *args: object, **options: Any) -> Any:
    return EdgeDevice("pi-zero-2w").run(work, *args, **options)


def doubled(x: Any) -> Any:  # pytest has loaded this very file under a name of its own
    return x * 2


class Thing:
    def method(self) -> None: ...


decorated = functools.partial(doubled, 3)
renamed = workloads.same
hidden = doubled


def doubled(x: Any) -> Any:  # type: ignore[no-redef]
    return x + x


def closed_over() -> Any:
    def inner() -> None: ...

    return inner


WRONG = {
    "lambda": (lambda: 1, "is a lambda"),
    "closure": (closed_over(), "inside another function"),
    "method": (Thing.method, "is a method"),
    "bound method": (Thing().method, "neither a function nor a list"),
    "partial": (decorated, "neither a function nor a list"),
    "builtin": (len, "neither a function nor a list"),
    "shadowed": (hidden, "is not what its module has"),
    "text": ("ls -l", "neither a function nor a list"),
    "empty": ([], "the program first"),
    "numbers": ([1, 2], "the program first"),
    "no program": (["no-such-program-at-all"], "there is no program"),
}


VALUES = [
    None, True, 3, -1.5, float("inf"), "ä\n", [1, [2, "x"]], (1, (2,)), {"a": {"array": [1]}, "path": "p"},
    Path("/a/b"), {}, [], 10**30,
]  # fmt: skip
ARRAYS = [np.arange(6.0).reshape(2, 3), np.zeros((0, 4), "f4"), np.array(["a", "ü"]), np.array(5)]


@pytest.fixture(scope="module")
def runs() -> dict[str, Result]:
    """Return what became of each run."""
    return together(
        {
            "test file": asked(doubled, 21),
            "values": asked(workloads.same, *VALUES),
            "arrays": asked(workloads.same, *({"x": [array, array]} for array in ARRAYS)),
            "set": asked(workloads.gives_a_set),
            "fails": asked(workloads.fail, "the reason"),
            "leaves": asked(workloads.leave),
            "killed": asked(workloads.kill_itself),
            "killed by 40": asked(["sh", "-c", "kill -40 $$"]),
            "command": asked(["sh", "-c", "echo out; echo err >&2; exit 3"]),
        }
    )


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_run_is_refused_and_says_how(name: str, scratch: Path) -> None:
    work, why = WRONG[name]
    with pytest.raises(ConfigError, match=why):
        run(work)
    assert list(scratch.iterdir()) == []


def test_arguments_of_a_command_belong_into_its_list() -> None:
    with pytest.raises(ConfigError, match="in its list"):
        run(["echo"], "hello")


def test_a_function_of_a_test_file_runs(runs: dict[str, Result]) -> None:
    assert runs["test file"].value == 42


def test_a_function_of_a_script_runs_without_running_the_script(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from edgelearn.emulator.device.edge import EdgeDevice\n"
        "def work():\n    return __name__\n"
        "if __name__ == '__main__':\n    print(EdgeDevice('pi-zero-2w').run(work).value)\n"
    )
    root = str(Path(__file__).parents[3])
    result = run([sys.executable, str(script)], env={"PYTHONPATH": root})
    assert result.stdout == "script\n", result.stderr


def test_a_function_of_a_package_imports_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "somebodys"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "constants.py").write_text("K = 7\n")
    (package / "task.py").write_text("from .constants import K\ndef task(n):\n    return K * n\n")
    monkeypatch.syspath_prepend(tmp_path)
    from somebodys.task import task  # type: ignore[import-not-found]

    assert run(task, 6).value == 42


def test_values_travel_both_ways(runs: dict[str, Result]) -> None:
    result = runs["values"]
    assert result.value == VALUES
    assert [type(value) for value in result.value] == [type(value) for value in VALUES[:9]] + [
        type(Path()), dict, list, int
    ]  # fmt: skip


def test_arrays_travel_both_ways(runs: dict[str, Result]) -> None:
    for given, came in zip(ARRAYS, runs["arrays"].value, strict=True):
        for found in came["x"]:
            assert (found.dtype, found.shape) == (given.dtype, given.shape)
            np.testing.assert_array_equal(found, given)


@pytest.mark.parametrize("value", [{1, 2}, {1: 2}, object(), b"x", np.array([object()]), [lambda: 1]])
def test_what_cannot_travel_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot travel"):
        encode(value, tmp_path)
    with pytest.raises(ConfigError, match="cannot travel"):
        run(workloads.same, value)


def test_numpy_scalars_travel_as_numbers(tmp_path: Path) -> None:
    assert decode(encode([np.float32(0.5), np.int64(3), np.bool_(True)], tmp_path), tmp_path) == [
        0.5,
        3,
        True,
    ]


def test_a_return_value_that_cannot_travel_is_an_error_of_the_work(runs: dict[str, Result]) -> None:
    result = runs["set"]
    assert result.error is not None
    assert (result.stopped, result.error.type) == ("error", "ConfigError")
    assert "a set cannot travel" in result.error.message


def test_an_exception_comes_back_with_its_name_text_and_place(runs: dict[str, Result]) -> None:
    result = runs["fails"]
    assert result.error is not None
    assert (result.ok, result.stopped, result.exit_code, result.value) == (False, "error", 1, None)
    assert result.error[:2] == ("LookupError", "the reason")
    assert "in fail" in result.error.traceback
    assert "LookupError: the reason" in str(result)


def test_leaving_python_early_is_not_success(runs: dict[str, Result]) -> None:
    result = runs["leaves"]
    assert (result.exit_code, result.stopped, result.why) == (0, "error", "it left Python before it returned")


def test_a_signal_is_named(runs: dict[str, Result]) -> None:
    assert runs["killed"].stopped == "signal SIGSEGV"
    assert runs["killed by 40"].stopped == "signal 40"


def test_a_command_says_how_it_ended(runs: dict[str, Result]) -> None:
    result = runs["command"]
    assert (result.stopped, result.why, result.exit_code) == ("error", "exit code 3", 3)
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert "| err" in str(result)


def test_a_program_that_cannot_be_executed_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    result = run([str(broken)])
    assert (result.stopped, result.exit_code) == ("error", None)
    assert "could not be started" in result.why
