"""What the tests of a wrong clock run on a device. The standard library only, so that a fresh Python is small."""

import ctypes
import datetime
import time


def readings() -> dict[str, float]:
    """Return how far each wall clock is from the monotonic one."""
    libc, seconds = ctypes.CDLL(None), (ctypes.c_long * 2)()
    libc.time.restype = ctypes.c_long
    found = {"time": time.time() - time.monotonic(), "time_ns": time.time_ns() / 1e9 - time.monotonic()}
    found["datetime"] = datetime.datetime.now().timestamp() - time.monotonic()
    found["libc time"] = libc.time(None) + 0.5 - time.monotonic()
    libc.gettimeofday(seconds, None)
    found["gettimeofday"] = seconds[0] + seconds[1] / 1e6 - time.monotonic()
    libc.timespec_get(seconds, 1)
    found["timespec_get"] = seconds[0] + seconds[1] / 1e9 - time.monotonic()
    return found


def across(wait_s: float) -> list[float]:
    first = time.time() - time.monotonic()
    time.sleep(wait_s)
    return [first, time.time() - time.monotonic(), time.monotonic()]


def until_it_jumps() -> list[float]:
    first = then = time.time() - time.monotonic()
    while abs(then - first) < 1000:
        time.sleep(0.01)
        then = time.time() - time.monotonic()
    return [first, then]


def true_s() -> float:
    return time.time() - time.monotonic()
