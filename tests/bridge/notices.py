"""Notices of a test that counts them."""

from collections.abc import Iterable

from firmware_bridge.notices import Notice, Resumed, Silent


def without_stalls(notices: Iterable[Notice]) -> list[type[Notice]]:
    """Return their kinds without each Silent and the Resumed it ends with: a machine that stalls is silent too."""
    kinds = list[type[Notice]]()
    for kind in map(type, notices):
        if kind is Resumed and kinds[-1:] == [Silent]:
            kinds.pop()
        else:
            kinds.append(kind)
    return [kind for kind in kinds if kind is not Silent]
