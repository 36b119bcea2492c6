"""The text, number and bytes by which device and host agree on what is kept."""

import zlib

import numpy as np
import pytest

from edgelearn import neurons, rules
from edgelearn.conv import Conv
from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.export import layout
from edgelearn.export.affine import Affine
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from tests.bridge.rules.heads import SUBJECTS
from tools.firmware import plan


def lif_layer(**more):
    layer = Layer(3, "stdp", "lif", **more)
    layer.bind(4)
    return layer


def test_the_text_names_what_is_kept_in_order():
    found = layout.describe(lif_layer())
    assert found.text == (
        "edgelearn head 1; stdp f32; lif; unsupervised; 4x3; w f32 4x3; rule.x f32 4; rule.y f32 3; neuron.theta f32 3"
    )
    assert [(field.name, field.offset) for field in found.fields] == [
        ("w", 0), ("rule.x", 48), ("rule.y", 64), ("neuron.theta", 76),
    ]  # fmt: skip
    assert found.size == 88
    assert found.number == zlib.crc32(found.text.encode())
    assert (found.rule, found.kind, found.n_pre, found.n_post) == (6, 1, 4, 3)


def test_bytes_are_little_endian_in_c_order():
    head = Affine(np.array([1.5, -0.0], np.float32), np.array([[1, 2], [3, 4], [5, 6]], np.float32))
    assert layout.state_bytes(head) == np.array([1, 2, 3, 4, 5, 6, 1.5, -0.0], "<f4").tobytes()
    assert layout.describe(head).text == "edgelearn head 1; fixed f32; none; none; 3x2; w f32 3x2; bias f32 2"


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_state_comes_back_equal_to_the_last_bit(name):
    head, other = SUBJECTS[name].make(), SUBJECTS[name].make()
    X = SUBJECTS[name].samples(np.random.default_rng(2), 20)
    for x in X:
        teach = head.n_teach if isinstance(head, Layer) else None
        head.learn_one(x, 0 if teach is None else np.full(teach, 0.25, np.float32))
    layout.load_state(other, layout.state_bytes(head))
    assert layout.state_bytes(other) == layout.state_bytes(head)
    gone = {"recent", "n_learned", "neuron.v", "neuron.wait"}
    for key in set(head.state()) - gone:
        assert head.state()[key].tobytes() == other.state()[key].tobytes(), key


def test_a_state_of_another_layer_is_refused_and_changes_nothing():
    head, larger = lif_layer(), Layer(4, "stdp", "lif")
    larger.bind(4)
    before, state = layout.state_bytes(head), layout.state_bytes(larger)
    with pytest.raises(InputError, match="it is one of another layer"):
        layout.load_state(head, state)
    spoiled = np.frombuffer(before, "<f4").copy()
    spoiled[-1] = np.nan
    with pytest.raises(InputError, match=r"NaN or infinity in neuron\.theta"):
        layout.load_state(head, spoiled.tobytes())
    assert layout.state_bytes(head) == before


def test_a_class_without_samples_is_refused():
    ncm = NCM()
    ncm.learn_many(np.ones((2, 3), np.float32), ["cat", "dog"])
    with pytest.raises(InputError, match="no sample of class 'cat'"):
        layout.load_state(ncm, bytes(len(layout.state_bytes(ncm))))


def test_layouts_that_differ_have_other_numbers():
    heads = [lif_layer(), lif_layer(), *(subject.make() for subject in SUBJECTS.values())]
    numbers = [layout.describe(head).number for head in heads]
    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == len(numbers) - 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Layer(3, "oja"), "no rule oja"),
        (lambda: Layer(3, "delta", signal="feedback"), "no signal feedback"),
        (lambda: Layer(3, rules.make("delta"), "ranked", "rank", code=neurons.make("relu")), "the code relu"),
        (lambda: Layer(32_768, "delta"), "32767 units, not 2 and 32768"),
    ],
)
def test_a_layer_that_no_firmware_runs_is_refused_by_name(make, words):
    layer = make()
    layer.bind(2)
    with pytest.raises(UnsupportedError, match=words):
        layout.describe(layer)


def test_what_is_no_head_or_knows_no_inputs_is_refused():
    with pytest.raises(ConfigError, match=r"layer\.bind"):
        layout.describe(Layer(3, "delta"))
    with pytest.raises(ConfigError, match="teach it first"):
        layout.describe(NCM())
    with pytest.raises(UnsupportedError, match="not a str"):
        layout.describe("head")


def test_a_convolution_is_refused():
    layer = Conv(4, "softhebb", "softmax", "competition", shape=(6, 6, 1), kernel=3)
    layer.bind(36)
    with pytest.raises(UnsupportedError, match="not a conv layer"):
        layout.describe(layer)


def test_the_head_of_a_firmware_that_is_given_none_has_the_number_of_its_layout():
    layer = Layer(10, rules.make("delta"), "linear", "label_error")
    layer.bind(64)
    text = (plan.FOLDER / "include/el_head.h").read_text()
    assert f"#define EL_HEAD_LAYOUT 0x{layout.describe(layer).number:08X}U" in text
    params = ", ".join(f"0x{np.float32(value).view(np.uint32):08X}U" for value in layer.rule.params)
    assert f"#define EL_HEAD_RULE_PARAMS {{{params}}}" in text
