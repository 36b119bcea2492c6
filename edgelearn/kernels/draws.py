"""Random numbers that belong to a counter: whoever keeps the counter goes on where it was, with nothing else kept."""

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def even(seed: int, number: int) -> float:
    """Return the ``number``-th draw of ``seed``, evenly from [0, 1); SplitMix64 (Steele et al. 2014, OOPSLA)."""
    return (_mixed(_mixed(seed) + number * _GOLDEN) >> 11) / (1 << 53)


def _mixed(z: int) -> int:
    z = (z + _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)
