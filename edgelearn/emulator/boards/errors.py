"""What goes wrong with an emulated board itself."""

from edgelearn.errors import EdgelearnError


class BoardError(EdgelearnError):
    """The firmware is of another board, or did what its core cannot: an address or instruction it does not know."""
