"""e-prop: recurrent spiking units that learn forward in time, each synapse by an eligibility of its own."""

from edgelearn.systems.e_prop.net import Loss, RecurrentNet, Teaching
from edgelearn.systems.e_prop.sequence import Changes, define

__all__ = ["Changes", "Loss", "RecurrentNet", "Teaching", "define"]
