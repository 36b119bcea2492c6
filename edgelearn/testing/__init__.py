"""Conformance checks, for what ships here and for what users write themselves."""

from edgelearn.testing.devices import check_device
from edgelearn.testing.layers import check_layer
from edgelearn.testing.neurons import check_neuron
from edgelearn.testing.readouts import check_readout
from edgelearn.testing.rules import check_rule
from edgelearn.testing.signals import check_signal

__all__ = ["check_device", "check_layer", "check_neuron", "check_readout", "check_rule", "check_signal"]
