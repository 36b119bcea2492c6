r"""Predictive coding: each layer predicts the next; units settle between the errors on both sides, then synapses learn.

Layer l predicts x_l from x_{l-1}; x_0 is held at the input and x_L at the target. All goes down the energy F:

.. math::
    z_l &= x_{l-1} W_l + b_l, \quad p_l = f_l(z_l), \quad e_l = x_l - p_l, \quad F = \tfrac12 \textstyle\sum_l e_l^2 \\
    x_l &\leftarrow x_l + \gamma\, ((e_{l+1} f'_{l+1}(z_{l+1}))\, W_{l+1}^\top - e_l), \quad 0 < l < L \\
    \Delta W_l &= \eta\, x_{l-1}^\top (e_l f'_l(z_l)), \quad \Delta b_l = \eta\, e_l f'_l(z_l)

Neurons `relu` or `tanh`, `linear` ones on top; rule `hebb`, which sees the slope; signal `prediction_error` with
alpha 0. In `relaxation`: ``prediction`` p, ``mismatches`` e, ``energies`` F, ``pulls`` and ``settle`` the step of
x; in `net`: ``asked`` the change of W. A batch's changes are averaged and taken by Adam.

"fixed": x, p and f' stay at the forward pass, and e alone moves (the fixed prediction assumption). Where it comes to
rest, e is the delta of back-propagation; with gamma 1 it is there after L - 1 steps, exactly. "standard": as written;
another gradient. "incremental": units and synapses move by turns, one step each.

Errors come down through the transpose of the weights that predict, as in back-propagation: the same weights are needed
on the way up and down. Nor is memory saved: all activities are kept until the synapses learn, and an error a unit.

Whittington & Bogacz 2017, Neural Comput. 29:1229, section 2; fixed: Millidge, Tschantz & Buckley 2022, Neural Comput.
34:1329, and its code https://github.com/BerenMillidge/PredictiveCodingBackprop (gamma 0.1); in L - 1 steps: Song et al.
2020, NeurIPS; incremental: Salvatori et al. 2024, ICLR, arXiv 2212.00720.
"""

from edgelearn.systems.predictive_coding.net import PredictiveCoding, Variant
from edgelearn.systems.predictive_coding.relaxation import State, energies

__all__ = ["PredictiveCoding", "State", "Variant", "energies"]
