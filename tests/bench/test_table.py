"""The lines of the table: numbers, what is missing, where a system may be taught, what can be drawn."""

from typing import Any

import pytest

from edgelearn.bench.overview_picture import draw
from edgelearn.bench.row import Row
from edgelearn.bench.table import COSTS, HEADS, Line, markdown

ROW = Row(
    "Some | system", "Nobody 2026", "relu", "hebb", "goodness", "data", "-", "a.ours", "a.frozen",
    ("no rule", "a.ablation"), "a.backprop", "a.random", "a.by_class", "a", "It says nothing.",
)  # fmt: skip
BARE = ROW._replace(
    frozen=None, ablation=None, backprop=None, shuffled=None, by_class=None, cost=None, published="-"
)


def line(row: Row = ROW, unit: str = "", **values: float) -> Line:
    figures: dict[str, dict[str, Any]] = {
        f"a.{name}": {"name": f"a.{name}", "value": value, "spread": None, "holds": None}
        for name, value in values.items()
    }
    return Line("a", row, figures, {"a.ours": unit}, None)


def test_a_row_of_which_nothing_was_measured_is_all_dashes():
    for row in (ROW, BARE):
        cells = line(row).cells()
        assert len(cells) == len(HEADS)
        assert cells[1] == ["data"]
        assert all(cell == ["-"] for cell in cells[2:])
    assert line().taught() is None
    assert line().point() is None


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.98765, "0.988"), (0.0, "0.000"), (-0.25, "-0.250"), (4.03e-16, "4.0e-16"), (97.5, "97.500"), (2e6, "2.0e+06")],
)  # fmt: skip
def test_numbers_have_three_digits_or_tell_their_size(value, said):
    assert line(ours=value).cells()[2] == [said]


def test_the_unit_stands_beside_the_number():
    assert line(unit="of its bound", ours=0.9).cells()[2] == ["0.900 of its bound"]


def test_what_misses_its_goal_is_marked_wherever_it_stands():
    found = line(ours=0.5, ablation=0.9)
    for figure in found._figures.values():
        figure.update(holds=False, spread=0.1)
    assert found.cells()[2] == ["0.500", "± 0.100", "misses its goal"]
    assert found.cells()[4] == ["no rule:", "0.900", "± 0.100", "misses its goal"]


@pytest.mark.parametrize(
    ("by_class", "where"),
    [(0.90, "on the device"), (0.8501, "on the device"), (0.84, "before freezing"), (0.99, "on the device")],
)
def test_a_system_that_loses_more_than_five_points_class_after_class_is_taught_before(by_class, where):
    found = line(random=0.9, by_class=by_class)
    assert found.taught() == where
    assert found.cells()[6] == ["0.900", f"{by_class:.3f}", f"taught {where}"]


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [(512, "0.5 KiB"), (99 * 1024, "99.0 KiB"), (1024**2 - 1024, "1023 KiB"), (3 * 1024**2, "3.0 MiB")],
)
def test_memory_is_told_in_kib_or_mib_ours_first(bytes_, said):
    assert line(memory=bytes_, memory_bp=2048).cells()[7] == [said, "2.0 KiB"]
    assert line(memory=bytes_).cells()[7] == [said]


def test_a_readout_stands_beside_what_learning_costs_and_is_part_of_the_point():
    found = line(
        ours=0.9, memory=4800, memory_readout=446 * 1024, memory_bp=2048, macs=1500, macs_readout=2e6
    )
    assert found.cells()[7] == ["4.7 KiB + 446 KiB readout", "2.0 KiB"]
    assert found.cells()[8] == ["1.5 k + 2.00 M readout"]
    assert found.point() == (4800 + 446 * 1024, 0.9, 2048, None)


def test_what_is_not_as_in_ours_stands_above_its_number():
    row = ROW._replace(
        frozen=("plain", "a.frozen"), backprop=("6 epochs", "a.backprop"), shuffled=("10 units", "a.random")
    )
    found = line(row, ours=0.9, frozen=0.5, backprop=0.95, random=0.8, by_class=0.3)
    cells = found.cells()
    assert (cells[3], cells[5]) == (["plain:", "0.500"], ["6 epochs:", "0.950"])
    assert cells[6] == ["10 units:", "0.800", "0.300", "taught before freezing"]
    assert found.as_dict()["values"] | {"ablation": None} == {
        "ours": 0.9, "frozen": 0.5, "backprop": 0.95, "shuffled": 0.8, "by_class": 0.3, "ablation": None,
    }  # fmt: skip
    assert line(row, ours=0.9, memory=10, backprop=0.95).point() == (10, 0.9, None, 0.95)


@pytest.mark.parametrize(
    ("by_class", "said"), [(0.9, "features taught on the device"), (0.5, "taught before freezing")]
)
def test_where_the_readout_takes_epochs_the_features_alone_are_taught_on_the_device(by_class, said):
    found = line(ROW._replace(readout_in_epochs=True), random=0.9, by_class=by_class)
    assert found.cells()[6] == ["0.900", f"{by_class:.3f}", said]


def test_products_are_told_in_thousands_or_millions():
    assert line(macs=1500, macs_bp=2_345_678).cells()[8] == ["1.5 k", "2.35 M"]


def test_only_an_accuracy_with_its_memory_is_a_point():
    assert line(ours=0.9, memory=10).point() == (10, 0.9, None, None)
    assert line(ours=0.9, memory=10, memory_bp=20, backprop=0.95).point() == (10, 0.9, 20, 0.95)
    assert line(ours=0.9).point() is None
    assert line(unit="of its bound", ours=0.9, memory=10).point() is None
    assert line(ours=1.2, memory=10).point() is None
    assert line(ours=-0.1, memory=10).point() is None


def test_markdown_is_one_line_a_row_and_a_bar_in_a_cell_splits_none():
    found = markdown([line(ours=0.5), line(BARE)]).splitlines()
    assert found[0].count("|") == found[1].count("|") == len(HEADS) + 1
    for row in found[2:4]:
        assert row.replace("\\|", "").count("|") == len(HEADS) + 1
    assert found[2].startswith(
        r"| **[Some \| system](edgelearn/)**<br>Nobody 2026<br>relu · hebb · goodness | data | **0.500** | - |"
    )


def test_json_has_what_was_measured_and_none_for_what_was_not():
    found = line(ours=0.5, memory=10).as_dict()
    assert found["values"] == dict.fromkeys(
        ("ours", "frozen", "backprop", "shuffled", "by_class", "ablation")
    ) | {"ours": 0.5}
    assert found["costs"] == dict.fromkeys(COSTS) | {"memory": 10}
    assert line(BARE).as_dict()["costs"] == {}


def test_the_overview_is_drawn_of_many_points_of_the_ends_of_the_scale_and_of_none(tmp_path):
    pytest.importorskip("matplotlib")
    many = [line(ours=k / 40, memory=1000 + k, memory_bp=9000, backprop=1.0) for k in range(41)]
    for name, rows in (("many", many), ("none", [line()])):
        draw(tmp_path / f"{name}.png", rows)
        assert (tmp_path / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
