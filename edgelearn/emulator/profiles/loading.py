"""Profiles: those that come with the package, and a user's own TOML file.

>>> names()
['cortex-m4f', 'generic-512mb-arm64', 'nrf52840', 'pi-3b-plus', 'pi-4b', 'pi-5', 'pi-zero-2w', 'rp2040']
>>> load("pi-4b").cores
4

A user's file takes a board that is there and says what is different; every figure with its source:

    name = "gateway"
    title = "our gateway: a Pi 4 with a slow card"
    like = "pi-4b"

    [storage_write_bytes_s]
    value = "8MB"
    low = "6MB"
    high = "10MB"
    kind = "measured"
    source = "fio, 1 MB writes with fsync, 2026-05-02, the cards of batch 7"

>>> load("gateway.toml").storage_write_bytes_s
8000000.0

Without ``like`` the file also says ``kind`` ("linux" or "microcontroller") and ``core``, and gives all figures of
``known``. Sizes are numbers of bytes, or text such as "512MiB".
"""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from edgelearn.emulator.profiles.figure import Figure
from edgelearn.emulator.profiles.known import KINDS
from edgelearn.emulator.profiles.profile import Profile
from edgelearn.emulator.profiles.reading import read_figure
from edgelearn.errors import ConfigError
from edgelearn.run.toml import TomlFile

_HERE = Path(__file__).parent
_TEXTS = ("name", "title", "kind", "core", "like")


def names() -> list[str]:
    """Return the profiles that come with the package, sorted."""
    return sorted(file.stem for file in _HERE.glob("*.toml"))


def load(profile: str | Path | Profile) -> Profile:
    """Return a profile by its name or from a TOML file; a Profile is returned as it is.

    Raises ConfigError for a name that does not exist, and for a file with anything missing, unknown or impossible.
    """
    if isinstance(profile, Profile):
        return profile
    if str(profile) in names():
        return _read(_HERE / f"{profile}.toml")
    path = Path(profile)
    if path.suffix == ".toml" or path.is_file():
        return _read(path)
    near = get_close_matches(str(profile).lower(), names(), 2)
    said = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {', '.join(names())}"
    raise ConfigError(f"there is no profile {str(profile)!r} and no such .toml file; {said}")


def _read(path: Path) -> Profile:
    file = TomlFile(path)
    base = _base(file)
    texts = {key: _text(file, key) for key in _TEXTS if key in file.values}
    kind = texts.get("kind", base.kind if base else None)
    if kind not in KINDS:
        raise file.error(("kind",), f"kind is {' or '.join(map(repr, KINDS))}, not {kind!r}")
    if base and kind != base.kind:
        raise file.error(("kind",), f"{base.name} is a {base.kind} profile; leave kind out, or like")
    core = texts.get("core", base.core if base else None)
    if core is None:
        raise file.error((), "core is missing: the processor core, such as core = 'a53' or core = 'm4f'")
    name = texts.get("name", path.stem)
    return Profile(name, texts.get("title", name), kind, core, _figures(file, kind, base))


def _base(file: TomlFile) -> Profile | None:
    """Return the profile that ``like`` names: one that comes with the package."""
    if "like" not in file.values:
        return None
    like = _text(file, "like")
    if like not in names():
        near = get_close_matches(like, names(), 1) or names()
        raise file.error(("like",), f"there is no profile {like!r} to be like; there is {', '.join(near)}")
    return load(like)


def _figures(file: TomlFile, kind: str, base: Profile | None) -> dict[str, Figure]:
    known = KINDS[kind]
    for key in file.values:
        if key not in known and key not in _TEXTS:
            raise file.unknown((key,), [*known, *_TEXTS])
    figures = {}
    for name, what in known.items():
        if name in file.values:
            figures[name] = read_figure(file, name, what)
        elif base:
            figures[name] = base.figures[name]
        else:
            raise file.error(
                (), f"figure [{name}] is missing ({what.means}); give it, or say like = a profile"
            )
    return figures


def _text(file: TomlFile, key: str) -> Any:
    value = file.values[key]
    if not isinstance(value, str) or not value.strip():
        raise file.error((key,), f"{key} is a text, not {value!r}")
    return value
