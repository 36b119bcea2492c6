"""Conformance checks, for what ships here and for what users write themselves."""

from edgelearn.testing.readouts import check_readout

__all__ = ["check_readout"]
