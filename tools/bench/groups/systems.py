"""The published systems, each a group, as `edgelearn bench systems` measures them; their pictures go beside."""

import sys
from collections.abc import Iterator
from functools import partial

from edgelearn.bench import systems
from tools.bench.data import SETS
from tools.bench.figure import Group, Measured
from tools.bench.picture import SYSTEMS

_SET_OF = {wanted.file: name for name, wanted in SETS.items()}


def measure(name: str) -> Iterator[Measured]:
    from edgelearn.bench.run import Run

    SYSTEMS.mkdir(parents=True, exist_ok=True)
    yield from systems.load(name).measure(Run(SYSTEMS, say=partial(print, file=sys.stderr)))


def _group(name: str) -> Group:
    module = systems.load(name)
    sets = [_SET_OF[f"{stem}.npz"] for stem in module.DATA]
    networks = ["extractors"] if hasattr(module, "NETWORKS") else []
    return Group(name, module.FIGURES, partial(measure, name), sets=(*sets, *networks))


GROUPS = tuple(_group(name) for name in systems.names())
