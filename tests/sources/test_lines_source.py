import json
from pathlib import Path

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.sources import Late, Lines, Pause, Refused
from edgelearn.sources.lines import MAX_LINE_BYTES, item_of
from edgelearn.types import Sample


def test_a_sample_with_id_and_label() -> None:
    item = item_of(b'{"id": "a", "x": [1.5, 2], "label": "cat"}', 7)
    assert isinstance(item, Sample)
    assert (item.id, item.label) == ("a", "cat")
    assert item.x.dtype == np.float32
    np.testing.assert_array_equal(item.x, [1.5, 2])


def test_without_id_a_sample_is_known_by_its_line_and_a_null_label_is_none() -> None:
    item = item_of(b'{"x": [[1, 2], [3, 4]], "label": null}', 7)
    assert isinstance(item, Sample)
    assert (item.id, item.label, item.x.shape) == (7, None, (2, 2))


def test_the_truth_about_an_earlier_decision() -> None:
    assert item_of(b'{"ticket": "t-1", "label": 3}', 1) == Late("t-1", 3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "an object in braces"),
        (b'{"y": [1]}', "unknown key 'y'"),
        (b'{"label": 1}', 'either "x"'),
        (b'{"x": [1], "path": "a.png"}', 'either "x"'),
        (b'{"x": ["1"]}', "a list of numbers"),
        (b'{"x": 3}', "a list of numbers"),
        (b'{"x": [null]}', "a list of numbers"),
        (b'{"x": [[1], [1, 2]]}', "differ in length"),
        (b'{"x": [1], "label": 1.5}', "a label is text or a whole number, not the number 1.5"),
        (b'{"x": [1], "label": true}', "not true or false"),
        (b'{"id": [1], "x": [1]}', "an id is text"),
        (b'{"path": 3}', "a path is text"),
        (b'{"path": "absent.png"}', "no file absent.png"),
        (b'{"ticket": "t-1"}', '"label" is missing'),
        (b'{"ticket": 5, "label": 1}', "a ticket is text"),
        (b'{"ticket": "t", "label": 1, "x": [1]}', "unknown key 'x'"),
        (None, f"longer than {MAX_LINE_BYTES}"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_number(line: bytes | None, reason: str) -> None:
    item = item_of(line, 4)
    assert isinstance(item, Refused)
    assert item.reason.startswith("line 4: ")
    assert reason in item.reason


def test_what_is_not_finite_gets_through_to_the_learner_which_refuses_it() -> None:
    item = item_of(b'{"x": [NaN, 1e300, 1e999]}', 1)
    assert isinstance(item, Sample)
    assert not np.isfinite(item.x).any()


def test_a_file_of_lines_ends_with_a_line_that_has_no_newline(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_bytes(b'{"x": [1]}\n\n{"x": [2]')
    items = [item for item in Lines(file) if not isinstance(item, Pause)]
    assert isinstance(items[0], Sample)
    assert isinstance(items[1], Refused)
    assert items[1].id == 3
    file.write_text(json.dumps({"x": [1]}))
    items = [item for item in Lines(file) if not isinstance(item, Pause)]
    assert [item.id for item in items if isinstance(item, Sample)] == [1]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.jsonl cannot be read: No such file"):
        iter(Lines(tmp_path / "absent.jsonl"))
