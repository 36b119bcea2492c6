r"""e-prop: recurrent spiking units that learn forward in time, each synapse by an eligibility of its own.

.. math::
    v_j &\leftarrow \alpha v_j + \textstyle\sum_i w_{ij} x_i - \vartheta z_j, \quad a_j \leftarrow \rho a_j + z_j, \quad
    z_j \leftarrow [v_j > \vartheta + \beta a_j] \\
    \bar x_i &\leftarrow \alpha \bar x_i + x_i, \quad e_{ij} = \psi_j (\bar x_i - \epsilon_{ij}), \quad
    \epsilon_{ij} \leftarrow \rho\, \epsilon_{ij} + \beta e_{ij}, \quad
    \bar e_{ij} \leftarrow \kappa\, \bar e_{ij} + e_{ij} \\
    \Delta w_{ij} &= \eta \textstyle\sum_t m_j\, \bar e_{ij}, \quad m_j = \sum_k B_{kj} (y^*_k - y_k)

x are inputs and the network's own spikes of the step before. Neuron `alif` (v, a, z), rule `e_prop` (x, e), signal: the
readout's error by its own weights or by fixed ones (`feedback`); a whole sequence in `sequence.define`, and compiled.
Left out of the source: its regulariser of firing rates, a bias of the readout, and rest after a spike, which `alif` has
and which is 0 here unless asked for.

Bellec et al. 2020, Nat. Commun. 11:3625, "A solution to the learning dilemma for recurrent networks of spiking
neurons".
"""

from edgelearn.systems.e_prop.net import Loss, RecurrentNet, Teaching
from edgelearn.systems.e_prop.sequence import Changes, define

__all__ = ["Changes", "Loss", "RecurrentNet", "Teaching", "define"]
