"""Labels and their order: the first sample of a label makes its class."""

from collections.abc import Iterable

import numpy as np

from edgelearn.errors import InputError
from edgelearn.types import Label


def clean_label(label: object) -> Label:
    """Return the label as a plain ``str`` or ``int``; raise InputError for anything else."""
    if type(label) is str or type(label) is int:
        return label
    if isinstance(label, np.str_):
        return str(label)
    if isinstance(label, np.integer):
        return int(label)
    raise InputError(f"a label is a str or an int, not {type(label).__name__} ({label!r}); convert it first")


class LabelMap:
    """Labels in the order in which they first appeared; all of one kind."""

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        self.labels: list[Label] = list(labels)
        self._index = {label: i for i, label in enumerate(self.labels)}

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, label: Label) -> bool:
        return label in self._index

    def check(self, label: object) -> Label:
        """Return the clean label; raise InputError when it is of another kind than those known."""
        known = clean_label(label)
        if self.labels and type(known) is not type(self.labels[0]):
            raise InputError(
                f"label {known!r} is of type {type(known).__name__}, the labels so far are "
                f"{type(self.labels[0]).__name__} (such as {self.labels[0]!r}); use one kind"
            )
        return known

    def index(self, label: Label) -> int:
        """Return the class index of a known label; raise InputError with the known ones otherwise."""
        try:
            return self._index[label]
        except KeyError:
            shown = ", ".join(map(repr, self.labels[:8])) + (" …" if len(self.labels) > 8 else "")
            raise InputError(f"label {label!r} was never learned; known: {shown or 'none'}") from None

    def find(self, label: Label) -> int:
        """Return the class index of a label, or -1."""
        return self._index.get(label, -1)

    def add(self, label: Label) -> int:
        """Return the index of the label, made new at the end if it was unknown."""
        if label not in self._index:
            self._index[label] = len(self.labels)
            self.labels.append(label)
        return self._index[label]

    def remove(self, label: Label) -> None:
        """Drop a label; those behind it move up by one."""
        del self.labels[self.index(label)]
        self._index = {kept: i for i, kept in enumerate(self.labels)}
