"""The bridge's demo: each digit learned once, Python's bits, every window accounted for, one seed one story."""

import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

from edgelearn.cli._bridge_demo import holds, told
from edgelearn.demo.bridge import Show

SAMPLES = 40


def test_a_seed_tells_one_story_and_it_holds() -> None:
    shares: list[float] = []
    story = Show(1, SAMPLES).run(shares.append)
    assert holds(story)
    assert story.taught == SAMPLES
    assert story.unplugged == 2
    assert story.damaged_bytes > 0
    assert story.after > story.before
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert Show(1, SAMPLES).run(lambda _: None) == story
    assert Show(2, SAMPLES).run(lambda _: None).damaged_bytes != story.damaged_bytes


def test_what_does_not_hold_is_said() -> None:
    story = Show(1, 10).run(lambda _: None)
    assert "NOT THE SAME BITS" in told(story._replace(equal=False))
    for broken in (
        story._replace(equal=False),
        story._replace(learned=story.learned - 1),
        story._replace(windows_missing=story.windows_missing + 1),
    ):
        assert not holds(broken)
