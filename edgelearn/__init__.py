"""Continual on-device learning: the network stays frozen, a fast memory on top learns from every sample.

Names load on first use, so that ``import edgelearn`` costs no more than it must.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgelearn import export as export
    from edgelearn.conv import Conv as Conv
    from edgelearn.errors import EdgelearnError as EdgelearnError
    from edgelearn.errors import HealthWarning as HealthWarning
    from edgelearn.errors import LayerError as LayerError
    from edgelearn.extractor import Extractor as Extractor
    from edgelearn.layer import Layer as Layer
    from edgelearn.learner import Learner as Learner
    from edgelearn.readouts import Readout as Readout
    from edgelearn.readouts.imprint import Imprint as Imprint
    from edgelearn.readouts.ncm import NCM as NCM
    from edgelearn.readouts.prototypes import Prototypes as Prototypes
    from edgelearn.readouts.reward_head import RewardHead as RewardHead
    from edgelearn.readouts.ridge import Ridge as Ridge
    from edgelearn.readouts.rp_ridge import RPRidge as RPRidge
    from edgelearn.readouts.slda import SLDA as SLDA
    from edgelearn.readouts.softmax import Softmax as Softmax
    from edgelearn.store import Store as Store
    from edgelearn.types import Decision as Decision
    from edgelearn.types import Snapshot as Snapshot

_HOME = {
    "Conv": "conv",
    "Decision": "types",
    "EdgelearnError": "errors",
    "Extractor": "extractor",
    "HealthWarning": "errors",
    "Imprint": "readouts.imprint",
    "Layer": "layer",
    "LayerError": "errors",
    "Learner": "learner",
    "NCM": "readouts.ncm",
    "Prototypes": "readouts.prototypes",
    "RPRidge": "readouts.rp_ridge",
    "Readout": "readouts",
    "RewardHead": "readouts.reward_head",
    "Ridge": "readouts.ridge",
    "SLDA": "readouts.slda",
    "Snapshot": "types",
    "Softmax": "readouts.softmax",
    "Store": "store",
}

__all__ = list(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "export":
        return import_module("edgelearn.export")
    if name not in _HOME:
        raise AttributeError(f"module 'edgelearn' has no attribute {name!r}")
    value = getattr(import_module(f"edgelearn.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME, "export"})
