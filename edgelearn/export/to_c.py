"""A head as the C header that the firmware is built with: el_head.h.

Rule 1: numbers are written as their bit patterns, so nothing is lost. Rule 2: what the firmware cannot run is
refused here, with the reason, not by a compiler. Rule 3: the file appears whole or not at all.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.export import layout
from edgelearn.export.heads import Runs, head_of, labels_of
from edgelearn.fixed.head import FixedHead
from edgelearn.fixed.quantize import quantize
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.replacing import check_replaceable, replacing
from edgelearn.types import Array
from firmware_bridge.protocol.messages import FORMS, Learn, Prediction

MTU, SLOT_BYTES, SLOT_HEADER_BYTES = 512, 4096, 32  # of a firmware that is not told otherwise
LARGEST_MTU = 65535
LARGEST_STATE = 1 << 20  # bytes: beyond what is learned on a microcontroller
_A_LINE = 16

Number = Literal["f32", "q15"]


class Written(NamedTuple):
    """What was written: sizes of the head alone, without link and windows."""

    path: Path
    layout: layout.Layout
    flash_bytes: int  # the state at the start; a saved state takes as much again in each of two slots
    ram_bytes: int  # the state, and what the learner and the device need beside it for samples and scores
    head: Runs  # what the device runs; a head in fixed point learns on the host as there


def to_c(head: object, path: str | Path, *, number: Number = "f32", samples: Array | None = None) -> Written:
    """Write ``head``, a Learner, a Layer or a readout, as a header for the firmware.

    A Layer and an NCM go on learning on the device, bit for bit as here; an SLDA or a Ridge only predicts there (see
    `edgelearn.export.affine` for how equal). ``number`` "q15" makes a head in fixed point, for cores without an FPU;
    ``samples`` (n, n_pre) then show how large inputs are. Raises ConfigError for a head that has seen nothing, is too
    large, or a path that cannot be written, UnsupportedError for what the firmware cannot run.
    """
    target = Path(path)
    check_replaceable(target)
    runs = _numbered(head_of(head), number, samples)
    place = layout.describe(runs)
    needs = _check_size(place, 2 if isinstance(runs, FixedHead) else 4)
    text = _text(runs, place, needs, labels_of(head))
    try:
        with replacing(target) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}") from error
    return Written(target, place, place.size, place.size + _scratch(place, runs), runs)


def _numbered(runs: Runs, number: Number, samples: Array | None) -> Runs:
    if number == "f32" and not isinstance(runs, FixedHead):
        if samples is not None:
            raise ConfigError("samples are for number='q15': a head in float32 takes inputs of any size")
        return runs
    if number not in ("f32", "q15"):
        raise ConfigError(f"number must be 'f32' or 'q15', not {number!r}")
    if isinstance(runs, FixedHead):
        return runs
    if not isinstance(runs, Layer | NCM):
        raise ConfigError(
            "only a Layer or an NCM has a form in fixed point; write this readout with number='f32'"
        )
    if samples is None:
        raise ConfigError(
            "number='q15' needs samples=…, some that the head will see, which show how large inputs are"
        )
    return quantize(runs, samples)


class _Needs(NamedTuple):
    """Sizes the firmware must be built with where its own are too small."""

    mtu: int
    slot_bytes: int


def _check_size(place: layout.Layout, number_bytes: int) -> _Needs:
    mtu = max(
        FORMS[Learn].fixed.size + number_bytes * place.n_pre,
        FORMS[Prediction].fixed.size + number_bytes * place.n_post,
    )
    if mtu > LARGEST_MTU:
        raise ConfigError(
            f"a sample of {place.n_pre} values takes {mtu} bytes, and a frame has at most {LARGEST_MTU}"
        )
    if place.size > LARGEST_STATE:
        raise ConfigError(
            f"the head keeps {place.size} bytes, beyond the {LARGEST_STATE} for a microcontroller; make it with fewer "
            "inputs or units"
        )
    return _Needs(mtu, place.size + SLOT_HEADER_BYTES)


def _scratch(place: layout.Layout, runs: Runs) -> int:
    """Return the bytes beside the state: drive, output, slope, third factor, teacher and scores; two samples."""
    width = 2 if isinstance(runs, FixedHead) else 4
    return width * (6 * place.n_post + 2 * place.n_pre)


# -- the text ---------------------------------------------------------------------------------------------------


def _text(runs: Runs, place: layout.Layout, needs: _Needs, labels: list[Any]) -> str:
    macros = {**_macros(runs, place), "EL_HEAD_LAYOUT": f"0x{place.number:08X}U"}
    lines = [f"#define {name} {value}" for name, value in macros.items()]
    return "\n".join(
        [
            "/* A head for the firmware, written by edgelearn.export.to_c; write it again rather than edit it.",
            " *",
            " * Save it as el_head.h in a folder of its own and put that before the firmware's on the include path:",
            " *     cc -I my_head -I firmware/include …",
            *_asked(needs),
            " *",
            f" * {place.text}",
            *_inputs(runs),
            *_named(labels),
            " */",
            "#ifndef EL_HEAD_H",
            "#define EL_HEAD_H",
            "",
            *lines,
            "/* the state at the start, as STATE carries it */",
            *_start(layout.state_bytes(runs)),
            "",
            "#endif",
            "",
        ]
    )


def _asked(needs: _Needs) -> list[str]:
    wanted = []
    if needs.mtu > MTU:
        wanted.append(f" *     -DEL_MTU={needs.mtu} or more, so that a sample fits in a frame")
    if needs.slot_bytes > SLOT_BYTES:
        wanted.append(
            f" *     -DEL_SLOT_BYTES={needs.slot_bytes} or more, whole pages, so that a saved state fits"
        )
    return [" * This head also needs", *wanted] if wanted else []


def _inputs(runs: Runs) -> list[str]:
    if not isinstance(runs, FixedHead):
        return []
    return [f" * An input x is sent as the int16 nearest to x * {runs.settings.scale:.10g} * 32768."]


def _named(labels: list[Any]) -> list[str]:
    if not labels:
        return []
    names = [f" *     {index}: {ascii(label).replace('*/', '* /')}" for index, label in enumerate(labels)]
    return [" *", " * Classes, as LEARN and PREDICTION number them:", *names]


def _macros(runs: Runs, place: layout.Layout) -> dict[str, str]:
    rule, number = place.text.split("; ")[1].split()[:2]
    macros = {
        "EL_HEAD_RULE": f"EL_RULE_{rule.upper()}",
        "EL_HEAD_NUMBER": f"EL_NUMBER_{number.upper()}",
        "EL_N_PRE": str(place.n_pre),
        "EL_N_POST": str(place.n_post),
    }
    if isinstance(runs, FixedHead):
        return macros | _fixed_macros(runs)
    if isinstance(runs, Layer):
        return macros | _layer_macros(runs)
    return macros | _parts("linear", "unsupervised", 1)


def _parts(neuron: str, signal: str, steps: int) -> dict[str, str]:
    return {
        "EL_HEAD_NEURON": f"EL_NEURON_{neuron.upper()}",
        "EL_HEAD_SIGNAL": f"EL_SIGNAL_{signal.upper()}",
        "EL_HEAD_STEPS": str(steps),
    }


def _layer_macros(layer: Layer) -> dict[str, str]:
    return {
        **_parts(layer.neuron.name, layer.signal.name, layer.steps),
        "EL_HEAD_POST": f"EL_POST_{layer.rule.sees.upper()}",
        "EL_HEAD_RULE_PARAMS": _patterns(layer.rule.params),
        "EL_HEAD_NEURON_PARAMS": _patterns(layer.neuron.params),
        "EL_HEAD_SIGNAL_PARAMS": _patterns(layer.signal.params),
    }


def _fixed_macros(head: FixedHead) -> dict[str, str]:
    s = head.settings
    return {
        **_parts(s.neuron, s.signal, s.steps),
        "EL_HEAD_WEIGHT_BITS": str(s.weight_bits),
        "EL_HEAD_RULE_PARAMS": _listed(map(str, s.rule_params)),
        "EL_HEAD_NEURON_PARAMS": _listed(map(str, s.neuron_params)),
        "EL_HEAD_SIGNAL_PARAMS": _listed(map(str, s.signal_params)),
    }


def _patterns(params: Iterable[np.float32]) -> str:
    return _listed(f"0x{int(np.float32(value).view(np.uint32)):08X}U" for value in params)


def _listed(values: Iterable[str]) -> str:
    return "{" + (", ".join(values) or "0") + "}"


def _start(state: bytes) -> list[str]:
    rows = [", ".join(f"0x{b:02X}" for b in state[at : at + _A_LINE]) for at in range(0, len(state), _A_LINE)]
    return ["#define EL_HEAD_START { \\", *(f"    {row}, \\" for row in rows[:-1]), f"    {rows[-1]} }}"]
