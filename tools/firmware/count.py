"""python3 -m tools.firmware.count: how many instructions a step of each rule takes on each core, into budget.json.

Rule 1: instructions, not cycles: every machine counts the same. Rule 2: a step is one el_learner_learn or
el_learner_reward of 64x10, no input at 0, checks and forward pass included, after some that are not counted.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgelearn.emulator.boards import elf
from edgelearn.emulator.boards.cortex_m import Core, Image
from edgelearn.export import to_c
from edgelearn.fixed.head import FixedHead
from edgelearn.fixed.quantize import quantize
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import F32, Array
from tools.firmware import plan
from tools.firmware.compilers import Compiler, compiler

PORTS: dict[Core, plan.Port] = {"m4f": plan.PORTS["mps2_an386"], "m0": plan.PORTS["microbit"]}
CORES: tuple[Core, ...] = ("m4f", "m0")
N_PRE, N_POST = 64, 10
WARM = 3  # steps before the one that is counted


class Counted(NamedTuple):
    """A head, and whether rewards teach it."""

    make: Callable[[], object]
    rewarded: bool = False


def samples(n: int) -> F32:
    """Return samples (n, N_PRE) without a 0."""
    return np.random.default_rng(0).uniform(0.1, 1.0, (n, N_PRE)).astype(np.float32)


def _layer(rule: str, neuron: str, signal: str) -> Layer:
    layer = Layer(N_POST, rule, neuron, signal)
    layer.bind(N_PRE)
    return layer


def _ncm() -> NCM:
    ncm = NCM()
    ncm.learn_many(samples(N_POST), list(range(N_POST)))
    return ncm


def _fixed(head: Layer | NCM) -> FixedHead:
    return quantize(head, samples(64))


HEADS = {
    "delta.f32": Counted(lambda: _layer("delta", "linear", "label_error")),
    "three_factor.f32": Counted(lambda: _layer("three_factor", "tanh", "reward"), rewarded=True),
    "softhebb.f32": Counted(lambda: _layer("softhebb", "softmax", "competition")),
    "stdp.f32": Counted(lambda: _layer("stdp", "lif", "unsupervised")),
    "ncm.f32": Counted(_ncm),
    "delta.q15": Counted(lambda: _fixed(_layer("delta", "linear", "label_error"))),
    "three_factor.q15": Counted(lambda: _fixed(_layer("three_factor", "linear", "reward")), rewarded=True),
    "softhebb.q15": Counted(lambda: _fixed(_layer("softhebb", "softmax", "competition"))),
    "stdp.q15": Counted(lambda: _fixed(_layer("stdp", "lif", "unsupervised"))),
    "ncm.q15": Counted(lambda: _fixed(_ncm())),
}


def link(used: Compiler, sources: Sequence[Path], folder: Path, includes: Sequence[Path] = ()) -> Path:
    """Compile C files with the flags of the firmware, ``includes`` before its own, and link them; return the ELF.

    Raises BuildError.
    """
    objects = []
    for source in (*sources, plan.FOLDER / plan.COMMON / "memory.c"):
        objects.append(folder / f"{source.stem}.o")
        include = [f"-I{one}" for one in includes] + plan.includes(used.port)
        used.compile(str(source), objects[-1], [*plan.flags(source.name), *include])
    used.link_bare(objects, folder / "image.elf")
    return folder / "image.elf"


def learner(head: object, core: Core, folder: Path, compiled_by: str = "zig") -> Image:
    """Return a core whose memory holds the firmware's learner with this head. Raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    to_c(head, folder / "el_head.h")
    sources = [*sorted((plan.FOLDER / "src").glob("learner_*.c")), plan.FOLDER / "src/math.c"]
    used = compiler(compiled_by, PORTS[core], folder.parent)
    return Image(elf.read(link(used, sources, folder, [folder])), core)


def instructions(counted: Counted, core: Core, folder: Path) -> int:
    """Return the instructions of one step. Raises BuildError."""
    head = counted.make()
    chip = learner(head, core, folder)
    X: list[Array] = [*samples(WARM + 1)]
    if isinstance(head, FixedHead):
        X = [head.encode(x) for x in X]
    chip.call("el_learner_start")
    for k in range(WARM):
        chip.call(*_step(counted, X[k], k))
    return chip.count(*_step(counted, X[WARM], WARM))


def _step(counted: Counted, x: Array, k: int) -> tuple[str, Array, int | float]:
    return ("el_learner_reward", x, 0.5) if counted.rewarded else ("el_learner_learn", x, k)


def measure() -> dict[str, int]:
    """Return the instructions of each head on each core, as budget.json names them. Raises BuildError."""
    with tempfile.TemporaryDirectory(prefix="edgelearn-count-") as folder:
        return {
            f"{name}.{core}": instructions(counted, core, Path(folder) / core / name)
            for name, counted in HEADS.items()
            for core in CORES
        }


def write(found: Mapping[str, int]) -> None:
    """Put the counts into budget.json, beside what else it says."""
    budget = json.loads(plan.BUDGET.read_text())
    budget["instructions"] = {"compiler": f"zig {plan.ZIG_VERSION}", **found}
    plan.BUDGET.write_text(json.dumps(budget, indent=2) + "\n")


def main() -> None:
    """Count, print and write."""
    found = measure()
    for name, n in found.items():
        print(f"{name:<24}{n:>9}")
    write(found)


if __name__ == "__main__":
    main()
