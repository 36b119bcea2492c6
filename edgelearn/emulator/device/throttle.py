"""The weaker cap of CPU time: stop and continue the processes so that they use what a rate allows.

>>> throttle = Throttle(0.25); throttle.may_run(t_s=1.0, cpu_s=0.2)
"""

_BURST_S = 0.1  # what an idle time may save up


class Throttle:
    """``cores``: CPU seconds allowed each second."""

    def __init__(self, cores: float) -> None:
        self._cores = cores
        self._left_s = 0.0
        self._at = (0.0, 0.0)

    def may_run(self, t_s: float, cpu_s: float) -> bool:
        """Say whether the processes may run on, after ``cpu_s`` used in the first ``t_s`` seconds."""
        earned_s = (t_s - self._at[0]) * self._cores
        self._left_s = min(self._left_s + earned_s, _BURST_S * self._cores) - (cpu_s - self._at[1])
        self._at = (t_s, cpu_s)
        return self._left_s >= 0
