"""A file of results: what several runs keep in it at the same time, and what is left when one is stopped."""

import json
import multiprocessing
from pathlib import Path

import pytest

from edgelearn.bench.figure import Figure, Measured, record
from edgelearn.bench.kept import Kept
from edgelearn.errors import ConfigError

FIGURE = record(Figure("a.b", "", "a figure"), Measured("a.b", 0.5), 1.25)


def _keep(path: Path, names: list[str]) -> None:
    kept = Kept(path)
    for name in names:
        kept.put(name, 1, "c0ffee", [FIGURE])


def test_a_system_is_kept_with_its_seeds_and_time(tmp_path):
    _keep(tmp_path / "kept.json", ["a"])
    found = Kept(tmp_path / "kept.json")
    assert [found.has(*asked, ["a.b"]) for asked in (("a", 1), ("a", 2), ("b", 1))] == [True, False, False]
    assert (found.systems["a"]["cpu_s"], found.systems["a"]["commit"]) == (1.2, "c0ffee")
    assert found.systems["a"]["figures"] == {"a.b": FIGURE}


def test_a_system_that_lacks_a_figure_is_not_kept(tmp_path):
    _keep(tmp_path / "kept.json", ["a"])
    found = Kept(tmp_path / "kept.json")
    assert found.has("a", 1, [])
    assert not found.has("a", 1, ["a.b", "a.c"])


@pytest.mark.parametrize(
    ("place", "damage"),
    [
        (("figures", "a.b", "value"), None),
        (("figures", "a.b", "value"), "0.5"),
        (("figures", "a.b", "spread"), "wide"),
        (("figures", "a.b", "holds"), "no"),
        (("figures", "a.b", "name"), "a.c"),
        (("figures", "a.b"), 0.5),
        (("figures", "a.b"), {}),
        (("figures", "a.b"), {key: value for key, value in FIGURE.items() if key != "value"}),
        (("figures",), []),
        (("cpu_s",), "long"),
        (("seeds",), "3"),
        (("commit",), None),
    ],
)
def test_a_damaged_entry_is_refused_by_its_name(place, damage, tmp_path):
    path = tmp_path / "kept.json"
    _keep(path, ["torn", "whole"])
    content = json.loads(path.read_text())
    *parents, last = place
    within = content["systems"]["torn"]
    for parent in parents:
        within = within[parent]
    within[last] = damage
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=r"kept\.json is no file of results: its torn is damaged"):
        Kept(path)


def test_a_run_keeps_what_another_has_kept_since_it_began(tmp_path):
    one, other = Kept(tmp_path / "kept.json"), Kept(tmp_path / "kept.json")
    one.put("a", 1, "", [FIGURE])
    other.put("b", 1, "", [FIGURE])
    assert set(other.systems) == set(Kept(one.path).systems) == {"a", "b"}


def test_runs_that_write_at_the_same_time_lose_nothing_of_each_other(tmp_path):
    context, path = multiprocessing.get_context("spawn"), tmp_path / "kept.json"
    names = [[f"{run}{k}" for k in range(15)] for run in "xyz"]
    runs = [context.Process(target=_keep, args=(path, some)) for some in names]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert set(Kept(path).systems) == {name for some in names for name in some}
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path):
    kept = Kept(tmp_path / "kept.json")
    kept.put("a", 1, "", [FIGURE])
    before = kept.path.read_bytes()
    with pytest.raises(TypeError):
        kept.put("b", 1, "", [FIGURE | {"detail": object()}])
    assert kept.path.read_bytes() == before
    assert json.loads(before)["systems"].keys() == {"a"}


def test_a_place_where_nothing_can_be_written_is_refused_and_one_that_can_is_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        Kept(tmp_path / "file" / "kept.json").check_writable()
    Kept(tmp_path / "new" / "er" / "kept.json").check_writable()
    assert list((tmp_path / "new" / "er").iterdir()) == []
