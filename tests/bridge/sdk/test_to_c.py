"""The header that a head becomes: complete, whole or not there at all, and clear about what no firmware runs."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

import edgelearn
from edgelearn import NCM, SLDA, Conv, Layer, Learner, Ridge, Softmax, export
from edgelearn.errors import ConfigError, UnsupportedError
from edgelearn.export.affine import affine, tolerance
from edgelearn.readouts import Readout
from edgelearn.rules import delta
from tests.bridge.conformance.made import HEADS, N_PRE, clouds, discriminants, layer, means
from tests.bridge.conftest import Library
from tests.bridge.sdk.native import Native


def macros(path: Path) -> dict[str, str]:
    lines = path.read_text().replace("\\\n", "").splitlines()
    return dict(
        line.split(" ", 2)[1:] for line in lines if line.startswith("#define EL_") and " " in line[8:]
    )


def test_it_is_reached_from_the_package(tmp_path: Path) -> None:
    written = edgelearn.export.to_c(means(), tmp_path / "head.h")
    assert written.path == tmp_path / "head.h"
    assert written.flash_bytes == len(export.state_bytes(means()))
    assert written.flash_bytes < written.ram_bytes < 2 * written.flash_bytes
    assert written.layout == export.describe(means())


def test_the_header_says_everything_the_layer_is(tmp_path: Path) -> None:
    made = layer(5, delta.rule(eta=0.1, low=-1.0), "softmax", "label_error", steps=1)
    written = export.to_c(made, tmp_path / "head.h")
    found = macros(written.path)
    start = bytes(int(value, 16) for value in found.pop("EL_HEAD_START").strip("{ }").split(","))
    assert start == made.w.astype("<f4").tobytes()
    text = "edgelearn head 1; delta f32; softmax; label_error; 12x5; w f32 12x5"
    assert f" * {text}\n" in written.path.read_text()
    assert found == {
        "EL_HEAD_RULE": "EL_RULE_DELTA",
        "EL_HEAD_NUMBER": "EL_NUMBER_F32",
        "EL_N_PRE": "12",
        "EL_N_POST": "5",
        "EL_HEAD_NEURON": "EL_NEURON_SOFTMAX",
        "EL_HEAD_SIGNAL": "EL_SIGNAL_LABEL_ERROR",
        "EL_HEAD_STEPS": "1",
        "EL_HEAD_POST": "EL_POST_OUT",
        "EL_HEAD_RULE_PARAMS": "{0x3DCCCCCDU, 0xBF800000U, 0x7F800000U}",
        "EL_HEAD_NEURON_PARAMS": "{0x3F800000U}",
        "EL_HEAD_SIGNAL_PARAMS": "{0}",
        "EL_HEAD_LAYOUT": f"0x{crc32(text.encode()):08X}U",
    }


def test_fixed_point_needs_samples_and_says_how_inputs_are_sent(tmp_path: Path) -> None:
    made = layer(5, "delta", "linear", "label_error")
    with pytest.raises(ConfigError, match="needs samples"):
        export.to_c(made, tmp_path / "head.h", number="q15")
    with pytest.raises(ConfigError, match="samples are for number='q15'"):
        export.to_c(made, tmp_path / "head.h", samples=np.ones((1, N_PRE)))
    with pytest.raises(ConfigError, match="number must be"):
        export.to_c(made, tmp_path / "head.h", number="f16")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="number='f32'"):
        export.to_c(discriminants(), tmp_path / "head.h", number="q15", samples=np.ones((1, N_PRE)))
    written = export.to_c(made, tmp_path / "head.h", number="q15", samples=np.full((1, N_PRE), 3.0))
    assert macros(written.path)["EL_HEAD_NUMBER"] == "EL_NUMBER_Q15"
    assert "int16 nearest to x * 0.25 * 32768" in written.path.read_text()
    assert export.state_bytes(written.head) == export.state_bytes(written.head)
    assert export.describe(written.head) == written.layout


def test_classes_are_named_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    learner = Learner(None, "ncm")
    learner.learn_many(clouds()[0][:3], ["*/ #error", "häuser\n", "a"])
    text = export.to_c(learner, tmp_path / "head.h").path.read_text()
    assert " *     0: '* / #error'\n *     1: 'h\\xe4user\\n'\n *     2: 'a'\n */\n" in text
    assert text.count("*/") == 2


def test_a_large_head_says_what_it_must_be_built_with(tmp_path: Path) -> None:
    made = Layer(20, "delta", "linear", "label_error")
    made.bind(200)
    text = export.to_c(made, tmp_path / "head.h").path.read_text()
    assert "-DEL_MTU=806 or more" in text
    assert "-DEL_SLOT_BYTES=16032 or more" in text
    assert "-DEL_" not in export.to_c(means(), tmp_path / "head.h").path.read_text()


@pytest.mark.parametrize("kind", [SLDA, Ridge, lambda: SLDA(project=20)])
def test_a_readout_that_only_predicts_has_the_hosts_scores(
    kind: Callable[[], Readout], library: Library, tmp_path: Path
) -> None:
    learned = kind()
    x, names = clouds()
    learned.learn_many(x * 3 + 40, names)  # far from 0, where bias and weights cancel
    fixed = affine(learned)
    written = export.to_c(learned, tmp_path / "head.h")
    name = f"affine {learned.name} {learned.config().get('project')}"
    device = Native(library, name, written.path, 3, np.float32)
    agreed, sure = 0, 0
    for row in clouds(seed=8)[0] * 3 + 40:
        here, there, most = learned.scores_one(row), device.predict(row), tolerance(fixed, row)
        assert (np.abs(here - there) <= most).all()
        best, second = np.sort(here)[::-1][:2]
        if best - second > 2 * most.max():
            sure += 1
            agreed += here.argmax() == there.argmax()
    assert agreed == sure > 20
    assert device.learn(clouds()[0][0], 0) == 7  # UNABLE


REFUSED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "not bound": (lambda: Layer(3, "delta", signal="label_error"), ConfigError, "call layer.bind"),
    "rule": (lambda: layer(3, "oja"), UnsupportedError, "no rule oja; it has"),
    "signal": (lambda: layer(3, "delta", "relu", "synchrony"), UnsupportedError, "no signal synchrony"),
    "code": (
        lambda: layer(3, "softhebb", "softmax", "competition", code="relu"),
        UnsupportedError,
        "the code relu",
    ),
    "conv": (lambda: conv(), UnsupportedError, "a conv layer"),
    "layers": (lambda: Learner(None, "softmax", layers=[Layer(3, "oja")]), UnsupportedError, "one stage"),
    "readout": (lambda: taught(Softmax()), UnsupportedError, "runs ncm, slda and ridge, not softmax"),
    "empty ncm": (NCM, ConfigError, "has seen no sample"),
    "empty slda": (lambda: Learner(None, "slda"), ConfigError, "has learned nothing"),
    "no head": (lambda: "delta", UnsupportedError, "not a str"),
    "wide": (lambda: wide(20_000, 2), ConfigError, "a frame has at most 65535"),
    "large": (lambda: wide(1000, 300), ConfigError, "beyond the 1048576"),
}


def conv() -> Conv:
    made = Conv(2, "softhebb", "softmax", "competition", shape=(4, 4, 1), kernel=2)
    made.learn_one(np.ones(16, np.float32))
    return made


def taught(readout: Readout) -> Readout:
    readout.learn_many(*clouds())
    return readout


def wide(n_pre: int, n_post: int) -> Layer:
    made = Layer(n_post, "delta", "linear", "label_error")
    made.bind(n_pre)
    return made


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_firmware_runs_is_refused(name: str, tmp_path: Path) -> None:
    make, error, reason = REFUSED[name]
    (tmp_path / "head.h").write_text("before")
    with pytest.raises(error, match=reason):
        export.to_c(make(), tmp_path / "head.h")
    assert (tmp_path / "head.h").read_text() == "before"


def test_a_path_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        export.to_c(means(), tmp_path)
    with pytest.raises(ConfigError, match="cannot be written"):
        export.to_c(means(), tmp_path / "absent" / "head.h")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", HEADS)
def test_writing_a_head_leaves_it_as_it_was(name: str, tmp_path: Path) -> None:
    made = HEADS[name]()
    before = export.state_bytes(made)
    export.to_c(made, tmp_path / "one.h")
    export.to_c(made, tmp_path / "two.h")
    assert export.state_bytes(made) == before
    assert (tmp_path / "one.h").read_text() == (tmp_path / "two.h").read_text()
