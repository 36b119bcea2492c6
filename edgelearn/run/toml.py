"""A TOML file whose keys know their line, so that an error can name it."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from edgelearn.errors import ConfigError

Keys: TypeAlias = tuple[str | int, ...]  # of a value; a number counts the tables of an array of tables


class TomlFile:
    """The values of a TOML file; raises ConfigError when it cannot be read or is not TOML."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._text = path.read_text("utf-8")
            self.values = tomllib.loads(self._text)
        except OSError as error:
            raise ConfigError(f"the configuration {path} cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path} is not TOML: {error}") from error

    def error(self, keys: Keys, sentence: str) -> ConfigError:
        """Return the error about a key (or its innermost table that exists), with the file and line."""
        while keys and not _holds(self.values, keys):
            keys = keys[:-1]
        place = f", line {self._line(keys)}" if keys else ""
        return ConfigError(f"{self.path}{place}: {sentence}")

    def unknown(self, keys: Keys, known: list[str]) -> ConfigError:
        """Return the error about a key that does not exist, with the nearest that does."""
        *tables, key = keys
        where = f"key {key!r} in {place(tuple(tables))}" if tables else f"table or key {key!r}"
        near = get_close_matches(str(key), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known) or 'none'}"
        return self.error(keys, f"unknown {where}; {hint}")

    def _line(self, keys: Keys) -> int:
        """Return the line where a key first stands: the shortest run of whole lines that holds it.

        A run that ends inside a value is not TOML; then the statement began after the last run that was.
        """
        lines = self._text.splitlines(keepends=True)
        good = 0
        for end in range(1, len(lines) + 1):
            try:
                values = tomllib.loads("".join(lines[:end]))
            except tomllib.TOMLDecodeError:
                continue
            if _holds(values, keys):
                return good + 1
            good = end
        return len(lines)


def place(keys: Keys) -> str:
    """Return a table as the file writes it: [learner], or [[layers]] 2."""
    table, *inner = keys
    if inner and isinstance(inner[0], int):
        return " ".join([f"[[{table}]] {inner[0] + 1}", *map(str, inner[1:])])
    return f"[{'.'.join(map(str, keys))}]"


def _holds(values: Any, keys: Keys) -> bool:
    for key in keys:
        there = range(len(values)) if isinstance(values, list) else values if isinstance(values, dict) else ()
        if key not in there:
            return False
        values = values[key]
    return True
