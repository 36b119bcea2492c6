"""Extractor on tiny networks of every kind: the right tensor, the right bits, the right refusals."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from edgelearn.errors import ConfigError, InputError, MissingExtraError, ModelError
from edgelearn.extractor import Extractor, cut
from tests.extractor import tiny_networks as tiny

Arrays = np.ndarray[Any, Any]


def reference(path: Path, tensor: str, feeds: dict[str, Arrays]) -> Arrays:
    """What onnxruntime gives for a tensor of the whole network."""
    model = onnx.load(path)
    if tensor not in {value.name for value in model.graph.output}:
        model.graph.output.append(onnx.ValueInfoProto(name=tensor))
    session = ort.InferenceSession(model.SerializeToString())
    return np.asarray(session.run([tensor], feeds)[0])


def pixels(*shape: int, dtype: Any = np.float32) -> Arrays:
    return np.random.default_rng(7).integers(0, 256, shape).astype(dtype)


@pytest.mark.parametrize("opset", sorted(tiny.IR))
def test_it_finds_the_features_of_every_opset(tmp_path: Path, opset: int) -> None:
    path = tiny.classifier(tmp_path / "net.onnx", opset=opset)
    x = pixels(3, 8, 8)
    extractor = Extractor(path)
    features = extractor(x)
    assert extractor.cut == "pooled"
    assert (features.shape, features.dtype, extractor.n_features) == ((6,), np.float32, 6)
    np.testing.assert_array_equal(features, reference(path, "pooled", {"x": x[None]}).ravel())


@pytest.mark.parametrize("batch", [1, 4, "N", "unk__123", None])
@pytest.mark.parametrize("layout", ["CHW", "HWC"])
@pytest.mark.parametrize("dtype", [(tiny.F, np.float32), (tiny.U8, np.uint8), (tiny.I8, np.int8)])
def test_layouts_dtypes_and_batches(tmp_path: Path, batch: Any, layout: str, dtype: tuple[int, Any]) -> None:
    path = tiny.classifier(tmp_path / "net.onnx", batch=batch, layout=layout, dtype=dtype[0])
    x = pixels(*((3, 8, 8) if layout == "CHW" else (8, 8, 3)), dtype=dtype[1])
    extractor = Extractor(path)
    batched = np.stack([x] * (batch if isinstance(batch, int) else 1))
    np.testing.assert_array_equal(extractor(x), reference(path, "pooled", {"x": batched})[0].ravel())
    assert (extractor.input_shape, extractor.input_dtype) == (x.shape, x.dtype)


def test_names_with_slashes_semicolons_and_colons(tmp_path: Path) -> None:
    names = ("serving/x:0", "model/pool;model/conv;bias:0", "Identity:0")
    path = tiny.classifier(tmp_path / "net.onnx", names=names)
    x = pixels(3, 8, 8)
    for where in ("auto", names[1]):
        extractor = Extractor(path, where)
        assert extractor.cut == names[1]
        np.testing.assert_array_equal(extractor(x), reference(path, names[1], {names[0]: x[None]}).ravel())


def test_a_quantised_network_gives_the_float_tensor_before_quantisation(tmp_path: Path) -> None:
    path = tiny.quantised(tmp_path / "net.onnx")
    x = np.random.default_rng(1).integers(-128, 128, (3, 8, 8), np.int8)
    extractor = Extractor(path)
    assert extractor.cut == "pool_prequant"
    np.testing.assert_array_equal(extractor(x), reference(path, "pool_prequant", {"x": x[None]}).ravel())


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "int64", "uint8"])
def test_no_batch_dimension_and_other_dtypes(tmp_path: Path, dtype: str) -> None:
    path = tiny.vector(tmp_path / "net.onnx", (5,), onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
    x = np.arange(5).astype(dtype)
    extractor = Extractor(path)
    assert extractor.input_shape == (5,)
    np.testing.assert_array_equal(extractor(x), reference(path, "features", {"x": x}))
    np.testing.assert_array_equal(extractor(x.astype(np.float32)), extractor(x))


def test_cut_none_takes_the_first_output(tmp_path: Path) -> None:
    path = tiny.classifier(tmp_path / "net.onnx")
    x = pixels(3, 8, 8)
    extractor = Extractor(path, None)
    assert extractor.cut == "y"
    np.testing.assert_array_equal(extractor(x), reference(path, "y", {"x": x[None]}).ravel())


def test_many_is_the_loop_and_results_do_not_share_memory(tmp_path: Path) -> None:
    extractor = Extractor(tiny.classifier(tmp_path / "net.onnx", batch="N"))
    X = np.random.default_rng(0).standard_normal((5, 3, 8, 8)).astype(np.float32)
    loop = [extractor(x) for x in X]
    kept = loop[0].copy()
    np.testing.assert_array_equal(extractor.many(X), np.stack(loop))
    np.testing.assert_array_equal(loop[0], kept)
    assert extractor.many(X[:0]).shape == (0, 6)
    assert extractor.many(iter(X)).shape == (5, 6)


def test_the_sample_is_left_as_it_is(tmp_path: Path) -> None:
    extractor = Extractor(tiny.classifier(tmp_path / "net.onnx"), scale=0.5, mean=[1, 2, 3])
    x = pixels(3, 8, 8)
    before = x.copy()
    extractor(x)
    np.testing.assert_array_equal(x, before)


def test_states_are_fed_back_and_reset(tmp_path: Path) -> None:
    extractor = Extractor(tiny.recurrent(tmp_path / "net.onnx"), constants={"gain": 2})
    x = np.array([1, 2, 3], np.float32)
    np.testing.assert_array_equal(extractor(x), 2 * x)
    np.testing.assert_array_equal(extractor(x), 6 * x)
    extractor.reset()
    np.testing.assert_array_equal(extractor.many([x, x]), [2 * x, 6 * x])
    assert any("state_in" in note for note in extractor.notes)


def test_a_refused_sample_leaves_the_state(tmp_path: Path) -> None:
    extractor = Extractor(tiny.recurrent(tmp_path / "net.onnx"), constants={"gain": 2})
    x = np.ones(3, np.float32)
    extractor(x)
    with pytest.raises(InputError):
        extractor(np.array([np.nan, 0, 0], np.float32))
    with pytest.raises(InputError, match="not finite"):
        extractor(np.full(3, 3e38, np.float32))
    np.testing.assert_array_equal(extractor(x), 6 * x)


def test_an_extra_input_without_value_is_named(tmp_path: Path) -> None:
    path = tiny.recurrent(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match="'gain'"):
        Extractor(path, None)
    with pytest.raises(ModelError, match="'gian'"):
        Extractor(path, None, constants={"gian": 2})
    with pytest.raises(ModelError, match="'gain'"):
        Extractor(path, None, constants={"gain": "much"})
    with pytest.raises(ModelError, match="'gain'"):
        Extractor(path, None, constants={"gain": [1, 2]})


@pytest.mark.parametrize("where", ["feature", "chosen", "h", "auto"])
def test_an_if_keeps_what_its_branches_take_from_outside(tmp_path: Path, where: str) -> None:
    path = tiny.with_if(tmp_path / "net.onnx")
    extractor = Extractor(path, where)
    for sign in (1, -1):
        x = sign * np.ones(4, np.float32)
        name = "feature" if where == "auto" else where
        np.testing.assert_array_equal(extractor(x), reference(path, name, {"x": x[None]}).ravel())


def test_an_autoencoder_is_cut_at_its_bottleneck(tmp_path: Path) -> None:
    extractor = Extractor(tiny.autoencoder(tmp_path / "net.onnx"))
    assert (extractor.cut, extractor.n_features) == ("r1", 2)


def test_samples_of_any_length(tmp_path: Path) -> None:
    extractor = Extractor(tiny.vector(tmp_path / "net.onnx", ("batch", "samples")))
    assert (extractor.input_shape, extractor.n_features) == ((None,), None)
    for size in (4, 9, 4):
        x = np.linspace(-1, 1, size, dtype=np.float32)
        np.testing.assert_array_equal(extractor(x), reference(extractor.path, "features", {"x": x[None]})[0])
        assert extractor.n_features == size
    with pytest.raises(InputError, match="several lengths"):
        extractor.many([np.zeros(3, np.float32), np.zeros(4, np.float32)])


def test_external_data_is_read_in_and_named_when_it_is_missing(tmp_path: Path) -> None:
    inside = Extractor(tiny.classifier(tmp_path / "inside.onnx"))
    path = tiny.with_external_data(tmp_path / "net.onnx")
    x = pixels(3, 8, 8)
    np.testing.assert_array_equal(Extractor(path)(x), inside(x))
    np.testing.assert_array_equal(Extractor(path, None)(x), Extractor(inside.path, None)(x))
    whole = Extractor(path, None).fingerprint
    beside = tmp_path / "net.onnx.data"
    beside.write_bytes(bytes(reversed(beside.read_bytes())))
    assert Extractor(path, None).fingerprint != whole
    beside.unlink()
    with pytest.raises(ModelError, match=r"net\.onnx\.data"):
        Extractor(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("size", [8, 64])
def test_nan_and_infinity_are_refused(tmp_path: Path, value: float, dtype: Any, size: int) -> None:
    for number, kind in enumerate((tiny.F, tiny.U8)):
        extractor = Extractor(tiny.classifier(tmp_path / f"{number}.onnx", dtype=kind, size=size))
        x = np.ones((3, size, size), dtype)
        extractor(x)
        x[2, 3, 1] = value
        with pytest.raises(InputError, match="NaN or an infinity"):
            extractor(x)


@pytest.mark.parametrize("shape", [(1, 3), ("batch", "length")])
def test_a_sample_the_network_fails_on_is_refused_and_the_next_is_not(tmp_path: Path, shape: Any) -> None:
    path = tiny.lookup(tmp_path / "net.onnx", shape)
    extractor = Extractor(path)
    x = np.array([1, 2, 3])
    for bad in ([1, 2, 111], [111, 1, 2]):
        with pytest.raises(InputError, match=r"could not be run on this sample: .*idx=111.*; it was refused"):
            extractor(np.array(bad))
        np.testing.assert_array_equal(extractor(x), reference(path, extractor.cut, {"x": x[None]}).ravel())


def test_a_size_the_network_fails_on_is_refused(tmp_path: Path) -> None:
    node = onnx.helper.make_node("Reshape", ["x", "pairs"], ["y"])
    constants = {"pairs": np.array([-1, 2], np.int64)}
    path = tiny.save(
        tmp_path / "net.onnx", [node], [("x", tiny.F, ["n", "m"])], [("y", tiny.F, [None, 2])], constants
    )
    extractor = Extractor(path, None)
    with pytest.raises(InputError, match="Reshape"):
        extractor(np.zeros(5, np.float32))
    assert extractor(np.ones(4, np.float32)).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("path", "wrong", "message"),
    [
        ("net.onnx", {"threads": 0}, "threads"),
        ("net.onnx", {"threads": 1.5}, "threads"),
        ("net.onnx", {"cut": 3}, "cut is the name of a tensor"),
        (5, {}, "name of an ONNX file, not as 5"),
    ],
)
def test_arguments_of_a_wrong_kind(tmp_path: Path, path: Any, wrong: Any, message: str) -> None:
    tiny.classifier(tmp_path / "net.onnx")
    with pytest.raises(ConfigError, match=message):
        Extractor(tmp_path / path if isinstance(path, str) else path, **wrong)


def test_it_says_what_it_is(tmp_path: Path) -> None:
    extractor = Extractor(tiny.classifier(tmp_path / "net.onnx"))
    assert "net.onnx', cut='pooled', n_features=6, fingerprint=" in repr(extractor)
    assert extractor.fingerprint[:8] in repr(extractor)
    assert len(repr(extractor)) < len(str(tmp_path)) + 100


def test_large_finite_values_are_no_infinity(tmp_path: Path) -> None:
    extractor = Extractor(tiny.vector(tmp_path / "net.onnx"))
    np.testing.assert_array_equal(extractor(np.full(5, 1e30, np.float32)), np.ones(5))
    with pytest.raises(InputError, match="infinity"):
        extractor(np.full(5, 1e300))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(5, np.float32), "3x8x8 CHW float32.* 5 float32"),
        (np.zeros((1, 3, 8, 8), np.float32), "leave out the batch dimension"),
        (np.zeros((2, 3, 8, 8), np.float32), "many"),
        (np.zeros((8, 8, 4), np.float32), "8x8x4"),
        (np.zeros((0, 8, 3), np.float32), "0x8x3"),
        (np.zeros((3, 8, 8), complex), "complex128"),
        (np.array(["a", "b"]), "dtype"),
        ([[1.0, 2.0], [3.0]], "differ in length"),
        (None, "dtype object"),
    ],
)
def test_what_cannot_be_brought_is_refused_in_one_sentence(tmp_path: Path, x: Any, message: str) -> None:
    extractor = Extractor(tiny.classifier(tmp_path / "net.onnx"))
    with pytest.raises(InputError, match=message) as caught:
        extractor(x)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_network(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Extractor(tmp_path / "absent.onnx")
    good = tiny.classifier(tmp_path / "net.onnx").read_bytes()
    path = tmp_path / "bad.onnx"
    for data in (b"", b"hello, world", good[: len(good) // 2], good[:-1], bytes(1000)):
        path.write_bytes(data)
        with pytest.raises(ModelError, match="not an ONNX file") as caught:
            Extractor(path)
        assert "\n" not in str(caught.value)
    model = onnx.load_from_string(good)
    model.graph.node[0].op_type = "Foo"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="Foo"):
        Extractor(path, None)


def test_a_wrong_cut_offers_the_nearest_names(tmp_path: Path) -> None:
    path = tiny.classifier(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match="'pooled'"):
        Extractor(path, "poled")
    with pytest.raises(ModelError, match="input or constant 'x'"):
        Extractor(path, "x")
    with pytest.raises(ModelError, match="input or constant 'kernel'"):
        Extractor(path, "kernel")


def test_without_onnx_a_cut_file_runs_and_a_whole_one_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tiny.classifier(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    cut(path, "auto", out)
    x = pixels(3, 8, 8)
    wanted, logits = Extractor(path)(x), Extractor(path, None)(x)
    monkeypatch.setitem(sys.modules, "onnx", None)
    np.testing.assert_array_equal(Extractor(out)(x), wanted)
    np.testing.assert_array_equal(Extractor(out, "pooled", scale=1.0)(x), wanted)
    np.testing.assert_array_equal(Extractor(path, "y")(x), logits)
    for where in ("auto", "pooled"):
        with pytest.raises(MissingExtraError, match=r"pip install 'edgelearn\[cut\]'"):
            Extractor(path, where)


def test_importing_the_extractor_imports_no_runtime() -> None:
    code = "import sys, edgelearn.extractor; print([m for m in ('onnx', 'onnxruntime') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
