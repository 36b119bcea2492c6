"""``edgelearn bridge demo``: the story of `demo.bridge`, told."""

import sys

import click

from edgelearn.cli._common import emit_json, say
from edgelearn.demo.bridge import BAUD, Show, Story


def run(seed: int, samples: int, as_json: bool) -> None:
    """Run and print; ends with 1 where anything was lost, repeated or unequal."""
    say(f"an emulated Cortex-M4F runs the firmware; the line is {BAUD} baud and bad (seed {seed})")
    story = _watched(Show(seed, samples))
    if as_json:
        emit_json(story._asdict() | {"holds": holds(story)})
    else:
        click.echo(told(story))
    if not holds(story):
        sys.exit(1)


def holds(story: Story) -> bool:
    """Return whether nothing was lost or repeated, and the bits are the same."""
    windows = story.windows_received + story.windows_missing
    return story.equal and story.taught == story.learned and windows == story.windows_made


def told(story: Story) -> str:
    """Return the story as text."""
    return "\n".join((
        f"line      {story.damaged_bytes} bytes damaged, {story.bad_frames} frames spoilt, {story.resent} sent again, "
        f"unplugged {story.unplugged} times, {story.line_s:.0f} s of line",
        f"learning  {story.taught} digits taught and answered, {story.learned} learned by the device: each once",
        f"state     {story.state_bytes} bytes read back: "
        + ("the same bits as Python" if story.equal else "NOT THE SAME BITS AS PYTHON"),
        f"accuracy  {story.before:.3f} before, {story.after:.3f} after, on held-out digits",
        f"windows   {story.windows_made} made = {story.windows_received} received "
        f"+ {story.windows_missing} told to be missing",
    ))  # fmt: skip


def _watched(show: Show) -> Story:
    if not sys.stderr.isatty():
        return show.run(lambda _share: None)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("teaching the device", total=1.0)
        return show.run(lambda share: bar.update(task, completed=share))
