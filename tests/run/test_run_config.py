from pathlib import Path

import pytest

from edgelearn.errors import ConfigError
from edgelearn.run.config import load
from edgelearn.sources import Lines, Replay

WHOLE = """\
# a comment
[source]
kind = "npz"
path = "data/d.npz"
rate_hz = 10
learn = true

[extractor]
path = "/models/m.onnx"
mean = [0.5, 0.5, 0.5]

[readout]
name = "slda"
shrinkage = 1

[learner]
budget = "2MB"
reject_rate = 0

[store]
path = "s.db"

[feedback]
socket = "door.sock"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_a_whole_configuration(tmp_path: Path) -> None:
    config = load(write(tmp_path, WHOLE))
    assert config.source == Replay(tmp_path / "data" / "d.npz", rate_hz=10.0)
    assert config.learn
    assert config.extractor is not None
    assert config.extractor.arguments() == {"path": Path("/models/m.onnx"), "mean": [0.5, 0.5, 0.5]}
    assert (config.readout.name, config.readout.config()["shrinkage"]) == ("slda", 1.0)
    assert (config.learner.budget, config.learner.reject_rate) == ("2MB", 0.0)
    assert config.store is not None
    assert (config.store.path, config.store.keep) == (tmp_path / "s.db", 5)
    assert config.feedback.socket == tmp_path / "door.sock"


@pytest.mark.parametrize("value", ["2", "true", "1.0", '"1"'])
def test_a_choice_of_numbers(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"line 3: channels in \[source\] is .* it must be 1 or 3"):
        load(write(tmp_path, f'[source]\nkind = "lines"\nchannels = {value}\n'))


def test_a_source_is_enough(tmp_path: Path) -> None:
    config = load(write(tmp_path, 'source = {kind = "lines"}\n'))
    assert config.source == Lines()
    assert (config.extractor, config.store, config.readout.name) == (None, None, "slda")


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("rate_hz = 10", "rate = 10", 5, "unknown key 'rate' in [source]; did you mean 'rate_hz'?"),
        ("[learner]", "[lerner]", 16, "unknown table or key 'lerner'; did you mean 'learner'?"),
        (
            "shrinkage = 1",
            "shrinkag = 1",
            14,
            "unknown key 'shrinkag' in [readout]; did you mean 'shrinkage'?",
        ),
        ("# a comment", "source_kind = 1", 1, "did you mean 'source'?"),
        (
            "rate_hz = 10",
            "zzz = [\n  1,\n]",
            5,
            "unknown key 'zzz' in [source]; known are kind, learn, path, x",
        ),
        ("rate_hz = 10", 'rate_hz = "10"', 5, "rate_hz in [source] is '10'; it must be a number"),
        ("rate_hz = 10", "rate_hz = -1", 5, "rate_hz in [source] is -1; it must be above 0"),
        ("rate_hz = 10", "rate_hz = nan", 5, "it must be above 0"),
        ("learn = true", "learn = 1", 6, "learn in [source] is 1; it must be true or false"),
        (
            'kind = "npz"',
            'kind = "npy"',
            3,
            "kind in [source] is 'npy'; it is one of npz, lines, images, wav",
        ),
        ('path = "data/d.npz"', "", 2, "[source] needs the key 'path'"),
        ('path = "s.db"', "keep = 0", 21, "keep in [store] is 0; it must be above 0"),
        ('path = "s.db"', "", 20, "[store] needs the key 'path'"),
        (
            "mean = [0.5, 0.5, 0.5]",
            'mean = ["a"]',
            10,
            "it must be a number or a list in which each is a number",
        ),
        ("mean = [0.5, 0.5, 0.5]", 'layout = "WHC"', 10, 'it must be "HWC" or "CHW"'),
        ('name = "slda"', 'name = "lda"', 13, "name in [readout] is 'lda'; it is one of imprint, ncm"),
        ("shrinkage = 1", "shrinkage = -1", 14, "shrinkage must be above 0, got -1"),
        ("shrinkage = 1", 'shrinkage = "a"', 14, "it must be a number"),
        ('budget = "2MB"', 'budget = "2 meters"', 17, "a size is written like"),
        ("reject_rate = 0", "reject_rate = 2", 18, "it must be from 0 to 1"),
    ],
)
def test_an_error_names_the_key_and_its_line(
    tmp_path: Path, old: str, new: str, line: int, sentence: str
) -> None:
    path = write(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", '[source] needs the key "kind"'),
        ("source = 3", '[source] needs the key "kind"'),
        ('[source]\nkind = "lines"\n[store', "is not TOML"),
        (
            '[source]\nkind = "lines"\nkind = "lines"',
            "is not TOML: Cannot overwrite a value (at end of document)",
        ),
        ('learner = 3\nsource.kind = "lines"', "learner is a table: write [learner]"),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml cannot be read: No such file"):
        load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b'[source]\nkind = "\xe9"')
    with pytest.raises(ConfigError, match="is not TOML"):
        load(tmp_path / "latin.toml")
