"""Evaluation as it is published: prequential, class- and domain-incremental, always beside controls."""

from edgelearn.evaluate import metrics
from edgelearn.evaluate.incremental import IncrementalResult, class_incremental, domain_incremental
from edgelearn.evaluate.prequential import StreamResult, no_change, prequential

__all__ = [
    "IncrementalResult",
    "StreamResult",
    "class_incremental",
    "domain_incremental",
    "metrics",
    "no_change",
    "prequential",
]
