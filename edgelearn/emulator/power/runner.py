"""The child process of a recording: calls the user's function on the folder and marks what it acknowledges.

Run as a file, with one JSON argument (see `child.py`); everything it says about itself goes into the log.
"""

import json
import os
import sys


def main(words: dict[str, str | list[str] | list[int]]) -> None:
    """Call ``qualname`` of the module in ``file`` on ``folder``; of a generator, log an ack for each value."""
    sys.path[:] = [str(folder) for folder in words["path"]]
    for life in words["life"]:
        _end_with(int(life))
    from pathlib import Path

    from edgelearn.emulator.power.log import Op, encode
    from edgelearn.emulator.power.plain import to_text

    descriptor = os.open(str(words["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    folder = Path(str(words["folder"]))
    if words["recorder"] == "python":
        from edgelearn.emulator.power.shim import install

        install(folder, descriptor)
    call = _function(str(words["file"]), str(words["module"]), str(words["qualname"]))
    if words["what"] == "load":
        call(folder)
        return
    os.write(descriptor, encode(Op("ack", data=b"")))
    for value in call(folder) or ():  # a function without a yield acknowledges nothing
        os.write(descriptor, encode(Op("ack", data=to_text(value).encode())))


def _end_with(life: int) -> None:
    """Have the kernel kill this whole group when a pipe hangs up: no thread that a fork would have to mind (Linux)."""
    import fcntl
    import select
    import signal

    fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # it hung up before
        os.killpg(0, signal.SIGKILL)


def _function(file: str, module: str, qualname: str):  # type: ignore[no-untyped-def]  # whatever the user's file holds
    import importlib.util

    spec = importlib.util.spec_from_file_location(module, file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[module] = loaded
    spec.loader.exec_module(loaded)
    found = loaded
    for name in qualname.split("."):
        found = getattr(found, name)
    return found


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
