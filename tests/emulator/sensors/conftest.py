"""What the tests of sensors share: a ramp to play, whose value says which sample it is."""

import numpy as np
import pytest

from edgelearn.emulator.sensors import Recording


@pytest.fixture
def ramp() -> Recording:
    """Return 10,000 samples at 100 Hz of two channels, i and -i."""
    i = np.arange(10_000, dtype=np.float64)
    return Recording(np.stack([i, -i], axis=1), 100.0)
