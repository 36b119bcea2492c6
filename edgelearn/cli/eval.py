"""edgelearn eval: how well would this learn my data, beside the controls?"""

from pathlib import Path
from typing import Any

import click

from edgelearn.cli import _eval_table
from edgelearn.cli._common import emit_json, json_option, progress, say
from edgelearn.cli._eval_setup import candidates, features_of, frozen_factory, load, parse_readouts, plan_of
from edgelearn.cli.cut import preprocess_options
from edgelearn.errors import ConfigError, EdgelearnError


@click.command("eval")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="An .npz file.")
@click.option("--x", default="x", show_default=True, help="Key of the samples.")
@click.option("--y", default="y", show_default=True, help="Key of the labels, int or str.")
@click.option("--test-x", help="Key of the test samples, when the file has a test set.")
@click.option("--test-y", help="Key of the test labels.")
@click.option(
    "--test-fraction", type=float, default=0.25, show_default=True, help="Else: held out, stratified."
)
@click.option("--features", is_flag=True, help="The samples are feature vectors already; no --extractor.")
@click.option("--extractor", type=click.Path(path_type=Path), help="The frozen network, an ONNX file.")
@click.option("--cut", show_default="auto", help="The tensor whose values are the features.")
@preprocess_options
@click.option(
    "--protocol",
    type=click.Choice(["class-incremental", "prequential", "domain"]),
    default="class-incremental",
    show_default=True,
)
@click.option("--readout", default="slda", show_default=True, help="NAME[:key=value…], comma-separated.")
@click.option(
    "--layers",
    type=click.Path(path_type=Path),
    help="A .toml as of edgelearn run: each readout also on its [[layers]], learning and frozen.",
)
@click.option(
    "--seeds", type=click.IntRange(1), default=5, show_default=True, help="Repetitions, seeds 0 to N-1."
)
@click.option("--step", type=int, default=2, show_default=True, help="Classes a step (class-incremental).")
@click.option("--order", help="Fixes the order of classes, comma-separated; else drawn from the seed.")
@click.option("--domain", help="Key of the domain of each sample; domains come in ascending order.")
@click.option("--test-domain", help="Key of the domains of the test set.")
@click.option("--delay", type=int, default=0, show_default=True, help="Labels come so many samples late.")
@click.option("--shuffle", is_flag=True, help="Draw the stream's order from the seed (prequential).")
@click.option("--picture", type=click.Path(path_type=Path), help="Write accuracies as PNG or SVG.")
@json_option
def command(as_json: bool, picture: Path | None, **given: Any) -> None:
    """Evaluate readouts on an .npz, on the features of a frozen network, beside three controls.

    Accuracies are forced-choice: the final one over all test samples, or the prequential mean. With --layers each
    readout has two more rows: on the file's layers as they learn, with anchors and adapt of its [learner] (each
    training sample is then shown without its label first), and on the same layers frozen at their random start. Anchors
    are for readouts that keep statistics; those that keep none (softmax, reward_head) go without.
    """
    from edgelearn.cli._eval_layers import layered
    from edgelearn.evaluate.study import check, study

    if picture is not None:
        from edgelearn.evaluate.pictures import check_picture

        check_picture(picture)
    specs = parse_readouts(given["readout"])
    plan = plan_of(given)
    samples = load(given)
    check(samples, plan)
    data = features_of(samples, given)
    n_features = data.train.x.shape[1]
    frozen = frozen_factory(specs, n_features)
    chosen = candidates(specs) | (layered(given["layers"], specs, n_features) if given["layers"] else {})
    try:
        result = study(data, plan, chosen, frozen, lambda todo: progress(todo, "readouts", len(todo)))
    except MemoryError as error:
        if isinstance(error, EdgelearnError):
            raise
        raise ConfigError(
            f"{n_features} features are too many for this memory: cut the network nearer its end, "
            "or use slda:project=512"
        ) from error
    if picture is not None:
        from edgelearn.evaluate.pictures import draw

        draw(result, picture)
    if as_json:
        emit_json(result.as_json())
        return
    _eval_table.show(result)
    if picture is not None:
        say(f"picture: {picture}")
