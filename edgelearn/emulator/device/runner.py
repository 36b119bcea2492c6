"""The fresh Python of a function: loads it by its file and name, calls it, writes its answer.

Run as a script with the folder that holds `CALL`. It imports the standard library and `values` only, so that the peak
memory of the run is the workload's own.
"""

import importlib
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

CALL, ANSWER = "call.json", "answer.json"


def main(folder: Path) -> int:
    """Call the function; the exit code is 0 if it returned."""
    call = json.loads((folder / CALL).read_text())
    sys.path[:] = call["path"]
    from edgelearn.emulator.device.values import decode, encode

    if call["clock"] is not None:
        _skew(**call["clock"])
    try:
        function = getattr(_module(call["module"], call["file"]), call["name"])
        answer = {"value": encode(function(*decode(call["args"], folder)), folder)}
    except Exception as error:  # the user's own code: any error of it travels to the result
        answer = {"error": _told(error)}
    whole = folder / (ANSWER + ".part")
    whole.write_text(json.dumps(answer))
    whole.replace(folder / ANSWER)
    return int("error" in answer)


def _module(name: str, file: str) -> ModuleType:
    """Import by name where that gives this very file (a package then works as usual), by path otherwise."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if (
        found is not None
        and found.origin is not None
        and Path(found.origin).resolve() == Path(file).resolve()
    ):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None  # the caller has seen that it is a .py file
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _told(error: Exception) -> dict[str, Any]:
    import traceback

    kind = type(error)
    return {
        "type": kind.__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
        # a BudgetError of edgelearn is a MemoryError too, but no sign of a full memory
        "memory": isinstance(error, MemoryError) and not kind.__module__.startswith("edgelearn."),
    }


def _skew(start_s: float, offset_s: float, drift_ppm: float, jumps: list[list[float]]) -> None:
    true, now = time.time_ns, time.monotonic

    def time_ns() -> int:
        run_s = now() - start_s
        off_s = offset_s + run_s * drift_ppm / 1e6 + sum(by_s for at_s, by_s in jumps if at_s <= run_s)
        return true() + round(off_s * 1e9)

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
