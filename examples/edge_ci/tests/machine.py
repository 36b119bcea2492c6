"""A machine as its vibration sensor feels it, made here so that a test may have any day; and the sensor board on it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from watcher.watch import RATE_HZ, WINDOW_S, Seen

from edgelearn.emulator import Sensor, SerialWire, open_board
from edgelearn.emulator.sensors import Noise

HUM = {  # Hz: strength, 1 is what the sensor can just read
    "off": {},
    "idle": {25: 0.06, 50: 0.03},
    "load": {25: 0.12, 75: 0.1, 150: 0.03},
    "bearing": {25: 0.12, 75: 0.1, 150: 0.03, 310: 0.04},  # load, and a ring that comes and goes
}
RINGS_HZ = 310
NOISE = Noise(0.006)


class Shift:
    """``turns``: (state, seconds) one after the other; the last one stays. Called with times it is the vibration."""

    def __init__(self, *turns: tuple[str, float]) -> None:
        self.states = [state for state, _ in turns]
        self.ends_s = np.cumsum([seconds for _, seconds in turns])

    def __call__(self, time_s: np.ndarray) -> np.ndarray:
        """Return what is felt (n,) at times (n,) in seconds."""
        felt, turn = np.zeros(len(time_s)), self._turn(time_s)
        for k, state in enumerate(self.states):
            for hz, strength in HUM[state].items():
                beat = np.sin(2 * np.pi * 40 * time_s) ** 2 if hz == RINGS_HZ else 1.0
                felt += (turn == k) * beat * strength * np.sin(2 * np.pi * hz * time_s)
        return felt

    def state(self, seen: Seen) -> str | None:
        """Return the truth about a window; None where the state changed in it."""
        first, last = self._turn(np.array([seen.time_s, seen.time_s + WINDOW_S]))
        return self.states[first] if first == last else None

    def right(self, seen: list[Seen], from_s: float, to_s: float = float("inf")) -> float:
        """Return the share of windows of that time whose state was named rightly."""
        return self.share(seen, from_s, to_s, lambda one, truth: one.state == truth)

    def share(
        self, seen: list[Seen], from_s: float, to_s: float, holds: Callable[[Seen, str], bool]
    ) -> float:
        """Return of how many windows of that time something holds."""
        pairs = [(one, self.state(one)) for one in seen if from_s <= one.time_s < to_s]
        return float(np.mean([holds(one, truth) for one, truth in pairs if truth is not None]))

    def _turn(self, time_s: np.ndarray) -> np.ndarray:
        return np.minimum(np.searchsorted(self.ends_s, time_s, side="right"), len(self.states) - 1)


def vibration(shift: Shift, sensor: Any = Sensor, faults: Sequence[Any] = (), **seed: int) -> Sensor:
    """Return the sensor on the machine; ``sensor`` is the fixture of that name, which has a seed, or `Sensor`."""
    return sensor.generate(shift, RATE_HZ, full_scale=1.0, faults=[*faults, NOISE], **seed)


def plugged(felt: Sensor, board: Any = open_board, wire: Any = SerialWire, **faults: Any) -> Any:
    """Return a wire to a board with this sensor; ``board`` and ``wire`` are fixtures, or what they stand for."""
    chip = board("cortex-m4f")
    chip.attach_sensor(felt.adc)
    return wire(chip, **faults)
