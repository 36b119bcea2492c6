r"""S-TLLR: a spiking network that learns from two traces a layer, in memory that does not grow with time.

For a synapse from input x_i to unit j, at each step and, for the last line, at each of the last steps of a sequence:

.. math::
    v_j &\leftarrow \lambda v_j + \textstyle\sum_i w_{ij} x_i - \vartheta z_j, \quad z_j = [v_j > \vartheta], \quad
    \psi_j = p \max(0, 1 - |v_j - \vartheta| / \mathrm{width}) \\
    \bar x_i &\leftarrow \lambda_{pre} \bar x_i + x_i, \quad
    \bar\psi_j \leftarrow \lambda_{post} \bar\psi_j + \psi_j \\
    \Delta w_{ij} &= -\eta\, \delta_j (a_{pre} \psi_j \bar x_i + a_{post} \bar\psi_j x_i)

Neuron `lif` (`units.advance`), rule `stdp_eligibility`, summed over the steps in `traces.gradient`; delta, the error of
this step by its own spikes, in `traces.signals`: down the layers, or by fixed random weights. `online` learns at every
step, one sample at a time. One form of :math:`\psi` is here; the source has another for its recurrent nets.

Apolinario & Roy 2025, TMLR, "S-TLLR: STDP-inspired Temporal Local Learning Rule for Spiking Neural Networks".
"""

from edgelearn.systems.s_tllr.fit import Draw, Gradient, accuracy, fit
from edgelearn.systems.s_tllr.net import SpikingNet, Teaching
from edgelearn.systems.s_tllr.traces import gradient

__all__ = ["Draw", "Gradient", "SpikingNet", "Teaching", "accuracy", "fit", "gradient"]
