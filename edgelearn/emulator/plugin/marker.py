"""The marker ``edge_budget``: checked when tests are collected, so that a wrong unit is no green test."""

from collections.abc import Iterable
from typing import Any

import pytest

NAME = "edge_budget"
LINE = (
    f'{NAME}(**budget): fail the test if its edge_device runs, or its board, break a line: ram="350MB", p99_ms=20, '
    'writes_per_day="50MB", instructions=2_000_000, stack="2KB" …'
)


def check(items: Iterable[pytest.Item]) -> bool:
    """Return whether a test has the marker; raises pytest.UsageError for one that says nothing that can be judged."""
    marked = [(item, mark) for item in items for mark in item.iter_markers(NAME)]
    for item, mark in marked:
        _check(item, mark)
    return bool(marked)


def limits_of(item: pytest.Item) -> dict[str, Any]:
    """Return the limits of the test's marker; those of its class and module hold where it does not say otherwise."""
    marks = reversed(list(item.iter_markers(NAME)))  # the nearest comes last, and wins
    return {name: limit for mark in marks for name, limit in mark.kwargs.items()}


def _check(item: pytest.Item, mark: pytest.Mark) -> None:
    from edgelearn.emulator.profiles.budget import Budget
    from edgelearn.errors import EdgelearnError

    if mark.args or not mark.kwargs:
        raise pytest.UsageError(f'{item.nodeid}: {NAME} takes names and limits, as in {NAME}(ram="350MB")')
    try:
        Budget(**mark.kwargs)
    except EdgelearnError as error:
        raise pytest.UsageError(f"{item.nodeid}: {NAME}: {error}") from error
