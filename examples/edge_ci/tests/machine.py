"""A machine as its vibration sensor feels it: one state after the other, made here so that a test may have any day."""

import numpy as np

RATE_HZ, FULL_SCALE = 1000, 16.0  # samples a second; m/s² that the converter reads as 32768
HUM = {  # Hz: m/s²
    "off": {},
    "idle": {25: 1.0, 50: 0.4},
    "load": {25: 2.0, 75: 1.6, 150: 0.5},
    "bearing": {25: 2.0, 75: 1.6, 150: 0.5, 310: 0.6},  # load, and a ring that comes and goes 40 times a second
}


class Shift:
    """``turns``: (state, seconds) one after the other; the last state stays. Called with times it gives vibration."""

    def __init__(self, *turns: tuple[str, float]) -> None:
        self.states = [state for state, _ in turns]
        self.ends_s = np.cumsum([seconds for _, seconds in turns])

    def __call__(self, time_s: np.ndarray) -> np.ndarray:
        """Return m/s² (n,) at times (n,) in seconds."""
        values = np.zeros(len(time_s))
        turn = self._turn(time_s)
        for k, state in enumerate(self.states):
            for hz, strength in HUM[state].items():
                beat = np.sin(2 * np.pi * 40 * time_s) ** 2 if hz == 310 else 1.0
                values += (turn == k) * beat * strength * np.sin(2 * np.pi * hz * time_s)
        return values

    def state(self, time_s: float, seconds: float) -> str | None:
        """Return the state in these seconds; None where it changed."""
        first, last = self._turn(np.array([time_s, time_s + seconds]))
        return self.states[first] if first == last else None

    def _turn(self, time_s: np.ndarray) -> np.ndarray:
        return np.minimum(np.searchsorted(self.ends_s, time_s, side="right"), len(self.states) - 1)
