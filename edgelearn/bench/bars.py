"""Test accuracies as bars, those of controls and of back-propagation in colours of their own."""

from collections.abc import Mapping
from typing import Any

from edgelearn.bench.filters import COLOURS

LEARNED, OTHER, AGAINST = COLOURS


def draw(panel: Any, bars: Mapping[str, float], controls: tuple[str, ...]) -> None:
    """Draw a bar for each name; a control's begins with one of ``controls``, the twin's with "back"."""
    names = list(bars)[::-1]
    drawn = panel.barh(names, [bars[name] for name in names], color=LEARNED)
    for bar, name in zip(drawn, names, strict=True):
        if name.startswith(controls):
            bar.set_color(OTHER)
        elif name.startswith("back"):
            bar.set_color(AGAINST)
    panel.bar_label(drawn, fmt="%.3f", fontsize=9, padding=3)
    panel.set(title="test accuracy, last epoch", xlim=(0, 1.15))
    panel.tick_params(axis="y", labelsize=9)
