"""A line of the table of systems: which figures say what, and what they mean."""

from typing import NamedTuple

Cell = str | tuple[str, str]  # the name of a figure, or (what is not as in `ours`, the name)


class Row(NamedTuple):
    """One system on one set of data; names of figures are those that its module declares."""

    system: str
    source: str  # the paper, as a reader looks for it
    neuron: str
    rule: str
    signal: str
    data: str
    published: str  # the figure of the paper and its setting; "-" where there is none
    ours: str
    frozen: Cell | None  # the same net at its random start, its readout trained alike
    ablation: tuple[str, str] | None  # (what was taken away, figure): must fail
    backprop: Cell | None  # the same net, data, seeds and budget, by back-propagation
    shuffled: Cell | None  # one pass over a stream in random order …
    by_class: str | None  # … and the same samples class after class: what is forgotten
    cost: str | None  # prefix of the figures of `edgelearn.bench.counts`
    meaning: str  # what the result says, in one sentence without a measured number: the table shows it
    # the stream's readout takes epochs over stored features: no device learns it
    readout_in_epochs: bool = False


def figure(cell: Cell | None) -> str | None:
    """Return the name of a cell's figure."""
    return cell[1] if isinstance(cell, tuple) else cell
