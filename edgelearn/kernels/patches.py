"""Patches of maps: what a unit whose weights are shared over positions sees at each of them."""

from edgelearn.compiled import compiled
from edgelearn.types import F32


@compiled()
def unfold(maps: F32, kernel: int, stride: int, out: F32) -> None:
    """Write the patches of maps (n, height, width, channels) into out (n * positions, kernel * kernel * channels).

    Positions go row by row, and so do the pixels of a patch, each with its channels side by side.
    """
    n, height, width, channels = maps.shape
    wide = kernel * channels
    flat = maps.reshape(n, height, width * channels)
    row = 0
    for i in range(n):
        for y in range(0, height - kernel + 1, stride):
            for x in range(0, width - kernel + 1, stride):
                at = 0
                for dy in range(kernel):
                    start = x * channels
                    for k in range(wide):
                        out[row, at + k] = flat[i, y + dy, start + k]
                    at += wide
                row += 1
