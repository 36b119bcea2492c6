"""edgelearn demo: the main job in a minute."""

from pathlib import Path

import click

from edgelearn.cli._common import emit_json, json_option, say
from edgelearn.demo.controls import METHODS
from edgelearn.demo.picture import LOOK, check_path, draw
from edgelearn.demo.run import SEEDS, Figures, run
from edgelearn.demo.stream import FINAL_DEGREES
from edgelearn.errors import EdgelearnError

PICTURE = Path("edgelearn-demo.png")


@click.command()
@click.option("--picture", type=click.Path(path_type=Path), help=f"Where to draw it (default: {PICTURE}).")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the order in which the digits arrive.",
)
@json_option
def command(picture: Path | None, seed: int, as_json: bool) -> None:
    """A frozen network that knows the digits 0-4 meets 5-9, then a turning camera, then SIGKILL.

    Accuracies are on held-out digits of all ten classes at the end of the stream, upright and turned.
    """
    path = _usable(picture)
    figures = run(seed, say)
    if path is not None:
        draw(figures.story, path)
    if as_json:
        emit_json(
            {
                "accuracy": dict(figures.accuracy),
                "learn_us_p50": figures.learn_us_p50,
                "state_bytes": figures.state_bytes,
                "resumed_after_kill": figures.resumed_after_kill,
            }
        )
        return
    click.echo(_report(figures))
    if path is not None:
        click.echo(f"picture: {path}")


def _usable(picture: Path | None) -> Path | None:
    """Return where to draw; a picture that nobody asked for may be missing, and it is said why."""
    try:
        check_path(picture or PICTURE)
    except EdgelearnError as error:
        if picture is not None:
            raise
        say(f"no picture: {error}")
        return None
    return picture or PICTURE


def _report(figures: Figures) -> str:
    story = figures.story
    turned = f"at {FINAL_DEGREES:.0f}°"
    titles = ("drift", "upright", turned, "both")
    lines = [
        f"{'':<26}{'before':>8}{'at the end of the stream':>27}",
        f"{'accuracy, all ten digits':<26}{''.join(f'{title:>8}' for title in titles)}   over {SEEDS} seeds",
    ]
    for method in METHODS:
        mean, spread = figures.over_seeds[method]
        values = (
            story.before_drift(method),
            story.upright[method],
            story.turned[method],
            figures.accuracy[method],
        )
        columns = "".join(f"{value:8.3f}" for value in values)
        lines.append(f"  {LOOK[method][0]:<24}{columns}   {mean:.3f} ± {spread:.3f}")
    outcome = "as if it had never been killed" if figures.resumed_after_kill else "but NOT as it was saved"
    lines += [
        "  offline is the bound of a ridge; edgelearn's readout is another estimator and may pass it",
        "  softmax forgets before the drift, while the classes come one after another",
        "",
        f"killed after {story.killed_at} samples, resumed from the save at {story.resumed_at}: {outcome}",
        f"median per sample: network {figures.network_us_p50:.0f} µs, "
        f"predict {figures.predict_us_p50:.0f} µs (network included), learn {figures.learn_us_p50:.0f} µs",
        f"state: {figures.state_bytes:,} bytes",
    ]
    return "\n".join(lines)
