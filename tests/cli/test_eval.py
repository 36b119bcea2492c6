"""edgelearn eval: what scripts read, what people read, and what is refused."""

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from matplotlib.figure import Figure

from edgelearn.cli import main
from tests.evaluate.blobs import blobs
from tests.extractor import tiny_networks as tiny

ROW = {
    "readout", "accuracy", "forgetting", "backward_transfer", "average_incremental", "coverage", "false_rejects",
    "false_accepts", "learn_us_p50", "predict_us_p50", "state_bytes", "accuracy_by_seed", "accuracy_matrix",
}  # fmt: skip
TOP = {"rows", "controls", "protocol", "n_train", "n_test", "classes", "seeds", "notes", "refused"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["eval", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    X, y = blobs(n_each=40, classes=4, gap=4.0)
    test_X, test_y = blobs(n_each=20, classes=4, gap=4.0, seed=1)
    names = np.array(["kiwi", "fig", "plum", "pear"])
    path = tmp_path / "blobs.npz"
    np.savez(
        path, x=X, y=y + 5, tx=test_X, ty=test_y + 5, names=names[y], far=X * 1e6, one=np.zeros(len(y), int),
        u8=np.clip(X * 12 + 128, 0, 255).astype(np.uint8).reshape(-1, 2, 3), place=np.arange(len(y)) % 3,
    )  # fmt: skip
    return path


def test_class_incremental_tells_scripts_everything(data: Path) -> None:
    found = told("--data", data, "--features", "--readout", "slda,ncm", "--seeds", 3)
    assert set(found) == TOP
    assert [row["readout"] for row in found["rows"]] == ["slda", "ncm"]
    for row in found["rows"]:
        assert set(row) >= ROW
        assert row["accuracy"]["mean"] == pytest.approx(np.mean(row["accuracy_by_seed"]))
        assert row["accuracy"]["std"] == pytest.approx(np.std(row["accuracy_by_seed"], ddof=1))
        assert row["accuracy"]["mean"] > 0.95
        assert np.shape(row["accuracy_matrix"]) == (2, 2)
        assert row["learn_us_p50"] > 0
        assert row["state_bytes"] > 0
    assert set(found["controls"]) == {"offline", "frozen", "no_change"}
    assert found["controls"]["offline"] > 0.95
    assert found["controls"]["frozen"] == pytest.approx(0.5, abs=0.02)
    assert found["controls"]["no_change"] == pytest.approx(0.25)
    assert (found["n_train"], found["n_test"], found["seeds"], found["refused"]) == (120, 40, 3, 0)
    assert found["classes"] == [5, 6, 7, 8]


def test_prequential_and_delay(data: Path) -> None:
    now, late = (
        told("--data", data, "--features", "--protocol", "prequential", "--delay", d, "--seeds", 1)
        for d in (0, 60)
    )
    assert set(now["rows"][0]) >= ROW
    assert now["rows"][0]["forgetting"] is None
    assert now["rows"][0]["accuracy"]["std"] is None
    assert now["rows"][0]["accuracy"]["mean"] > 0.9
    assert late["rows"][0]["accuracy"]["mean"] < 0.65  # of 160 samples the first 61 are never right
    assert now["n_train"] == 160
    assert any("as in the file" in note for note in now["notes"])


def test_shuffling_draws_the_stream_from_the_seed(data: Path) -> None:
    found = told("--data", data, "--features", "--protocol", "prequential", "--shuffle", "--readout", "ncm")
    assert len(set(found["rows"][0]["accuracy_by_seed"])) > 1


def test_domain(data: Path) -> None:
    found = told("--data", data, "--features", "--protocol", "domain", "--domain", "place", "--seeds", 2)
    assert np.shape(found["rows"][0]["accuracy_matrix"]) == (3, 3)
    assert found["rows"][0]["accuracy"]["mean"] > 0.95
    with_test = ("--test-x", "x", "--test-y", "y", "--test-domain", "place")
    found = told("--data", data, "--features", "--protocol", "domain", "--domain", "place", *with_test)
    assert (found["n_train"], found["n_test"]) == (160, 160)


def test_a_given_test_set_is_used(data: Path) -> None:
    found = told("--data", data, "--features", "--test-x", "tx", "--test-y", "ty", "--seeds", 1)
    assert (found["n_train"], found["n_test"]) == (160, 80)


@pytest.mark.parametrize("arguments", [("--y", "names"), ("--x", "far"), ("--x", "u8"), ("--step", "3")])
def test_data_nobody_has_seen(data: Path, arguments: tuple[str, str]) -> None:
    found = told("--data", data, "--features", "--seeds", 1, *arguments)
    assert found["rows"][0]["accuracy"]["mean"] > 0.95


def test_an_order_of_names_is_kept(data: Path) -> None:
    found = told(
        "--data",
        data,
        "--features",
        "--y",
        "names",
        "--order",
        "kiwi,fig, plum,pear",
        "--step",
        1,
        "--seeds",
        2,
    )
    assert np.shape(found["rows"][0]["accuracy_matrix"]) == (4, 4)
    assert found["controls"]["no_change"] == pytest.approx(0.25)
    assert found["classes"] == ["fig", "kiwi", "pear", "plum"]


def test_hyperparameters_reach_the_readout(data: Path) -> None:
    found = told("--data", data, "--features", "--readout", "slda:project=3:shrinkage=0.5,slda", "--seeds", 1)
    small, whole = found["rows"]
    assert small["readout"] == "slda:project=3:shrinkage=0.5"
    assert small["accuracy"]["mean"] < whole["accuracy"]["mean"]


def test_samples_that_are_not_finite_are_counted(data: Path, tmp_path: Path) -> None:
    with np.load(data) as archive:
        x, y = archive["x"].copy(), archive["y"]
    x[[3, 7], 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=y)
    found = told("--data", tmp_path / "holes.npz", "--features", "--seeds", 1)
    assert found["refused"] == 2
    assert found["n_train"] + found["n_test"] == 158


def eval_network(tmp_path: Path, x: Any, *arguments: object) -> Result:
    np.savez(tmp_path / "ids.npz", x=x, y=np.arange(len(x)) % 2)
    return run("--data", tmp_path / "ids.npz", "--seeds", 1, "--json", *arguments)


def test_samples_the_network_fails_on_are_counted(tmp_path: Path) -> None:
    path = tiny.lookup(tmp_path / "net.onnx", (1, 3))
    x = np.tile([[1, 2, 3], [40, 50, 60]], (20, 1))
    x[[4, 9], 1] = 111
    result = eval_network(tmp_path, x, "--extractor", path)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["refused"], found["n_train"] + found["n_test"]) == (2, 38)
    assert found["rows"][0]["accuracy"]["mean"] == 1
    assert any("2 of 40 samples" in note and "idx=111" in note for note in found["notes"])
    result = eval_network(tmp_path, x + 100, "--extractor", path)
    assert result.exit_code == 1
    assert "all 40 samples cannot be used" in result.stderr


def test_constants_and_sizes_reach_the_network(tmp_path: Path) -> None:
    path = tiny.recurrent(tmp_path / "net.onnx")
    x = np.tile(np.array([[1, 2, 3], [-4, -5, -6]], np.float32), (20, 1))
    assert "--constant gain=" in eval_network(tmp_path, x, "--extractor", path).stderr
    result = eval_network(tmp_path, x, "--extractor", path, "--constant", "gain=1")
    assert result.exit_code == 0, result.output
    path = tiny.classifier(tmp_path / "image.onnx")
    images = np.random.default_rng(0).random((40, 5, 5, 3))
    assert eval_network(tmp_path, images, "--extractor", path).exit_code == 0
    refused = eval_network(tmp_path, images, "--extractor", path, "--resize", "off")
    assert "all 40 samples" in refused.stderr


def test_people_get_a_table_with_the_controls_and_a_reading(data: Path) -> None:
    result = run("--data", data, "--features", "--readout", "slda,softmax", "--seeds", 2)
    assert result.exit_code == 0
    for word in (
        "slda",
        "softmax",
        "±",
        "offline",
        "frozen",
        "no change",
        "repeating the last label",
        "note:",
    ):
        assert word in result.stdout


@pytest.mark.parametrize("ending", ["png", "svg"])
@pytest.mark.parametrize("protocol", ["class-incremental", "prequential"])
def test_a_picture_is_written(data: Path, tmp_path: Path, ending: str, protocol: str) -> None:
    picture = tmp_path / f"out.{ending}"
    found = told("--data", data, "--features", "--protocol", protocol, "--seeds", 2, "--picture", picture)
    assert found["rows"]
    start = picture.read_bytes()[:200]
    assert start.startswith(b"\x89PNG") if ending == "png" else b"<?xml" in start


def test_a_picture_that_cannot_be_written_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_self: Figure, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", half)
    result = run("--data", data, "--features", "--seeds", 1, "--picture", tmp_path / "out.png")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "out.png: No space left on device" in result.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["blobs.npz"]
    (tmp_path / "folder.png").mkdir()
    assert "a folder" in run("--data", data, "--features", "--picture", tmp_path / "folder.png").stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--features", "--x", "nope"), "it has x, y, tx"),
        (("--features", "--y", "one"), "only one class (0)"),
        (("--features", "--readout", "magic"), "no readout is called 'magic'"),
        (("--features", "--readout", "slda:projec=2"), "has no setting 'projec'; it has shrinkage"),
        (("--features", "--readout", "slda:project=wide"), "wrong kind"),
        (("--features", "--readout", "slda:project"), "not key=value"),
        (("--features", "--readout", "ncm,ncm"), "twice"),
        (("--features", "--readout", ","), "names no readout"),
        (("--features", "--order", "5,6"), "every class exactly once"),
        (("--features", "--step", "0"), "--step"),
        (("--features", "--delay", "-1"), "--delay"),
        (("--features", "--test-fraction", "1.5"), "--test-fraction"),
        (("--features", "--test-x", "tx"), "belong together"),
        (("--features", "--test-x", "u8", "--test-y", "y", "--x", "place"), "features"),
        (("--features", "--protocol", "domain"), "--domain"),
        (("--features", "--domain", "place"), "--domain"),
        (("--features", "--test-domain", "place"), "--test-domain"),
        (("--features", "--picture", "out.gif"), ".png or .svg"),
        (("--features", "--picture", "nowhere/out.png"), "no folder"),
        (("--features", "--extractor", "m.onnx"), "not both"),
        (
            ("--features", "--scale", "2", "--constant", "a=1"),
            "--scale, --constant are for --extractor, not --feat",
        ),
        (("--features", "--cut", "auto"), "--cut is for --extractor"),
        (("--extractor", "m.onnx", "--constant", "sr"), "--constant"),
        (("--extractor", "m.onnx", "--resize", "big"), "--resize"),
        ((), "--extractor"),
        (("--extractor", "missing.onnx"), "missing.onnx"),
        (("--extractor", "m.onnx", "--mean", "a,b"), "--mean"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(data: Path, arguments: tuple[str, ...], says: str) -> None:
    result = run("--data", data, *arguments)
    assert result.exit_code != 0
    assert says in result.stderr
    assert result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = run("--data", tmp_path / "none.npz", "--features")
    assert result.exit_code != 0
    assert "No such file" in result.stderr


@pytest.mark.data
def test_camera_images_in_five_steps(data_dir: Path) -> None:
    found = told(
        "--data", data_dir / "cifar10_jpeg_subset.npz", "--x", "x_train", "--y", "y_train",
        "--test-x", "x_test", "--test-y", "y_test", "--seeds", 1, "--readout", "slda,ncm,softmax",
        "--extractor", data_dir / "extractors" / "mobilenet_v1_0.25_128_quant.feat.onnx",
    )  # fmt: skip
    slda, ncm, softmax = (row["accuracy"]["mean"] for row in found["rows"])
    assert slda > found["controls"]["offline"] - 0.02
    assert slda > ncm + 0.05 > softmax + 0.1
    assert any("32x32" in note and "128x128" in note for note in found["notes"])


@pytest.mark.data
def test_repeating_the_last_label_beats_learning_on_a_correlated_stream(data_dir: Path) -> None:
    found = told(
        "--data", data_dir / "outdoor_objects.npz", "--features", "--protocol", "prequential", "--seeds", 1
    )
    row = found["rows"][0]
    assert row["accuracy"]["mean"] > found["controls"]["frozen"]
    assert row["accuracy"]["mean"] < found["controls"]["no_change"]
    assert row["kappa_temporal"] < 0


LAYERS = """
[[layers]]
n_post = 30
rule = {name = "softhebb", eta = 0.02}
neuron = "softmax"
signal = "competition"
code = "relu"

[learner]
anchors = "20KB"
reanchor_every = 32
adapt = true
"""


def test_layers_are_shown_beside_the_readout_alone_and_the_same_layers_frozen(data: Path) -> None:
    file = data.parent / "run.toml"
    file.write_text(LAYERS)
    for protocol in ("class-incremental", "prequential"):
        found = told("--data", data, "--features", "--readout", "ncm", "--seeds", 2, "--protocol", protocol,
                     "--layers", file)  # fmt: skip
        alone, layers, frozen = found["rows"]
        assert [row["readout"] for row in found["rows"]] == ["ncm", "ncm on layers", "ncm on frozen layers"]
        for row in (layers, frozen):
            assert row["accuracy"]["mean"] > 0.7
            assert row["learn_us_p50"] > 0
        assert layers["state_bytes"] > frozen["state_bytes"] > alone["state_bytes"]


def test_anchors_are_for_the_readouts_that_need_them(data: Path) -> None:
    file = data.parent / "run.toml"
    file.write_text(LAYERS)
    found = told("--data", data, "--features", "--readout", "ncm,softmax", "--seeds", 1, "--layers", file)
    size = {row["readout"]: row["state_bytes"] for row in found["rows"]}
    assert size["ncm on layers"] > size["ncm on frozen layers"] + 15_000
    assert abs(size["softmax on layers"] - size["softmax on frozen layers"]) < 1000


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('anchors = "20KB"', "", "moves the features that slda keeps statistics of"),
        (LAYERS, "", "at least one table [[layers]]"),
        ("n_post = 30", "n_pots = 30", "did you mean 'n_post'?"),
    ],
)
def test_layers_that_cannot_be_evaluated(data: Path, old: str, new: str, sentence: str) -> None:
    file = data.parent / "run.toml"
    file.write_text(LAYERS.replace(old, new))
    result = run("--data", data, "--features", "--layers", file)
    assert result.exit_code == 1
    assert sentence in result.output
