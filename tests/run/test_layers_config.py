"""[[layers]] in a configuration: what it makes, and where it is wrong."""

from pathlib import Path

import pytest

from edgelearn.conv import Conv
from edgelearn.errors import ConfigError
from edgelearn.run.config import load

WHOLE = """\
[source]
kind = "lines"

[[layers]]
kind = "conv"
n_post = 8
rule = {name = "softhebb", eta = 0.05}
neuron = "softmax"
signal = "unsupervised"
shape = [8, 8, 1]
kernel = 3

[[layers]]
n_post = 5
rule = "oja"
seed = 7

[learner]
anchors = "64KB"
adapt = true
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_layers_as_they_are_written(tmp_path: Path) -> None:
    config = load(write(tmp_path, WHOLE))
    conv, dense = config.layers
    assert isinstance(conv, Conv)
    assert (conv.shape_out, conv.config()["rule"]["eta"]) == ((6, 6, 8), pytest.approx(0.05))
    assert (dense.n_post, dense.rule.name, dense.neuron.name, dense.seed) == (5, "oja", "linear", 7)
    assert (config.learner.anchors, config.learner.adapt) == ("64KB", True)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('kind = "conv"', 'kind = "cone"', 5, "kind in [[layers]] 1 is 'cone'; it is dense or conv"),
        ("n_post = 5", "n_pots = 5", 14, "unknown key 'n_pots' in [[layers]] 2; did you mean 'n_post'?"),
        ("n_post = 5", "n_post = 0", 14, "[[layers]] 2: n_post must be a whole number of at least 1"),
        ("n_post = 5", 'n_post = "a"', 14, "n_post in [[layers]] 2 is 'a'; it must be a whole number"),
        ("n_post = 5\n", "", 13, "[[layers]] 2 needs the key 'n_post'"),
        ("shape = [8, 8, 1]\n", "", 4, "[[layers]] 1 needs the key 'shape'"),
        ('rule = "oja"', 'rule = "oia"', 15, "[[layers]] 2: no rule is called 'oia'; there are "),
        ('rule = "oja"', "rule = 3", 15, "it must be text or a table"),
        ("eta = 0.05", "etta = 0.05", 7, "[[layers]] 1: rule softhebb has no setting 'etta'; it has eta"),
        ("eta = 0.05", "eta = 0.0", 7, "[[layers]] 1: eta must be above 0, not 0.0"),
        ('{name = "softhebb", eta = 0.05}', "{eta = 0.05}", 7, "rule is a name, or a table such as"),
        ('signal = "unsupervised"', 'signal = "goodness"', 4, "layer 0 has signal goodness"),
        ('anchors = "64KB"', 'anchors = "64 meters"', 19, "anchors in [learner]: a size is written like"),
        ('anchors = "64KB"\n', "", 19, "adapt in [learner] moves the features that slda keeps statistics of"),
        ("seed = 7", 'signal = "label_error"\n', None, None),
    ],
)
def test_an_error_names_the_layer_and_its_line(
    tmp_path: Path, old: str, new: str, line: int | None, sentence: str | None
) -> None:
    path = write(tmp_path, WHOLE.replace(old, new))
    if sentence is None:
        assert load(path).layers[1].signal.name == "label_error"
        return
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert sentence in str(caught.value)


def test_what_does_not_go_together(tmp_path: Path) -> None:
    for text, sentence in (
        ('[learner]\nadapt = true\n[source]\nkind = "lines"\n', "adapt in [learner] needs [[layers]]"),
        ('[learner]\nanchors = "1KB"\n[source]\nkind = "lines"\n', "anchors are for layers that learn"),
        ('[layers]\nn_post = 3\n[source]\nkind = "lines"\n', "write [[layers]]"),
        ('layers = [3]\n[source]\nkind = "lines"\n', "layers is a table"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(write(tmp_path, text))
        assert sentence in str(caught.value)
