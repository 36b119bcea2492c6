"""Ends what computes for ever: boards that do not count, and so cannot be stopped between two looks at a register.

Rule: what ends in time is not disturbed, and its result does not depend on this; time is that of this machine.
"""

import threading
import time
import weakref
from typing import Protocol

PATIENCE_S = 30.0


class Watched(Protocol):
    """``running`` for longer than `PATIENCE_S` at the same ``now_us`` is hung; `end` is then called, from another
    thread."""

    running: bool
    now_us: int

    def end(self) -> None: ...


class Watch:
    """One thread that looks after all of them, as long as there are any."""

    def __init__(self) -> None:
        self._watched: weakref.WeakKeyDictionary[Watched, int] = weakref.WeakKeyDictionary()  # last seen at
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, one: Watched) -> None:
        """Look after this one as long as it lives."""
        with self._lock:
            self._watched[one] = -1

    def wake(self) -> None:
        """Start the thread where it is not there; costs nothing where it is."""
        if self._thread is None:
            with self._lock:
                self._thread = self._thread or threading.Thread(target=self._run, name="boards", daemon=True)
                if not self._thread.is_alive():
                    self._thread.start()

    def look(self) -> bool:
        """End what is where it was at the last look; return whether there is anything to look after."""
        with self._lock:
            for one in list(self._watched):
                if one.running and self._watched[one] == one.now_us:
                    one.end()
                self._watched[one] = one.now_us if one.running else -1
            if not self._watched:
                self._thread = None
            return bool(self._watched)

    def _run(self) -> None:
        time.sleep(PATIENCE_S)
        while self.look():
            time.sleep(PATIENCE_S)


watch = Watch()
