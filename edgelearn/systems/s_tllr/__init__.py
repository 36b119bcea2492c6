"""S-TLLR: a spiking network that learns from two traces a layer, in memory that does not grow with time."""

from edgelearn.systems.s_tllr.fit import Draw, Gradient, accuracy, fit
from edgelearn.systems.s_tllr.net import SpikingNet, Teaching
from edgelearn.systems.s_tllr.traces import gradient

__all__ = ["Draw", "Gradient", "SpikingNet", "Teaching", "accuracy", "fit", "gradient"]
