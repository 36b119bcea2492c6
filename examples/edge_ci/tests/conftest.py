"""All that these tests need of the emulator: its fixtures come with the package, this puts three of them together."""

import pytest
from machine import plugged


@pytest.fixture
def plug(board, serial_wire, virtual_clock):
    """``plug(felt, **faults)``: a wire to a board that samples this sensor, in virtual time."""
    return lambda felt, **faults: plugged(felt, board, serial_wire, clock=virtual_clock, **faults)
