"""The values that a save yields, as text between two processes: what Python can write and read back as equal."""

import ast

from edgelearn.errors import ConfigError


def to_text(value: object) -> str:
    """Return a value as Python writes it; raises ConfigError for one that does not come back equal, and for None."""
    text = repr(value)
    try:
        back = ast.literal_eval(text)
        same = bool(back == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        same = False
    if value is None or not same:
        raise ConfigError(
            f"save yielded {text[:80]}, which cannot be compared in another process; yield a number, a text, bytes, "
            "or tuples, lists and dicts of them, such as the number of the version or a digest of it"
        )
    return text


def from_text(text: str) -> object:
    """Return the value of such a text."""
    return ast.literal_eval(text)
