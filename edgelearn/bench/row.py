"""A line of the table of systems: which figures say what, and what they mean."""

from typing import NamedTuple


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
    frozen: str | None  # the same net at its random start, its readout trained alike
    ablation: tuple[str, str] | None  # (what was taken away, figure): must fail
    backprop: str | None  # the same net, data, seeds and budget, by back-propagation
    shuffled: str | None  # one pass over a stream in random order …
    by_class: str | None  # … and the same samples class after class: what is forgotten
    cost: str | None  # prefix of the figures of `edgelearn.bench.counts`
    meaning: str  # what the result says, in one sentence
