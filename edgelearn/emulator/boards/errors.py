"""What goes wrong with an emulated board itself, and the power that goes."""

from edgelearn.errors import EdgelearnError


class BoardError(EdgelearnError):
    """The firmware is of another board, or did what its core cannot: an address or instruction it does not know."""


class PowerCutError(Exception):
    """The power went in the middle of an operation on flash."""
