"""A folder that goes with its process: at its end, or, where the process was killed, when the next one is made.

>>> folder = Scratch("edgelearn-wire-")
>>> folder.path
PosixPath('/tmp/edgelearn-wire-7c1x0s_q')
>>> folder.close()

Rule: whoever makes a folder holds a lock on it, which the system takes back however the process ends. A folder that
nobody holds is left over. Where there are no such locks (Windows), what a killed process left stays.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from edgelearn.closing import Closing


class Scratch(Closing):
    """A fresh, empty folder; ``prefix`` begins its name and says whose it is, ``parent`` None: where the system has
    its temporary files. Before it is made, folders of that prefix that killed processes left are removed."""

    path: Path

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        for left in parent.glob(f"{prefix}*"):
            if (held := _hold(left)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(held)
        self._held: int | None = None
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=parent)).resolve()
            self._held = _hold(self.path)
            if self._held is not None or sys.platform == "win32":  # else it was taken for one that was left
                return

    def close(self) -> None:
        """Remove it; may be called again."""
        shutil.rmtree(self.path, ignore_errors=True)
        held, self._held = self._held, None
        if held is not None:
            os.close(held)


def _hold(folder: Path) -> int | None:
    """Return a descriptor that holds a folder of ours; None where somebody else does, or it is gone."""
    if sys.platform == "win32":
        return None
    import fcntl

    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_there = os.path.samestat(os.fstat(descriptor), folder.stat())
            if is_there and os.fstat(descriptor).st_uid == os.geteuid():
                return descriptor
        os.close(descriptor)
    return None
