"""A user's own profile: like another one or whole; and every mistake in it is named, with its line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgelearn.emulator import profiles
from edgelearn.emulator.profiles import loading, reading
from edgelearn.emulator.profiles.known import KINDS
from edgelearn.errors import ConfigError
from tests.emulator.profiles.mutating import mutated

GOOD = """\
name = "gateway"
like = "pi-4b"

[storage_write_bytes_s]
value = "8MB"
low = "6MB"
high = "10MB"
kind = "measured"
source = "fio on our cards"
"""


def write(folder: Path, text: str, name: str = "gateway.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def whole(kind: str, core: str) -> str:
    """Return a profile that gives every figure itself."""
    rows = [f'kind = "{kind}"', f'core = "{core}"']
    for name in KINDS[kind]:
        rows += [f"[{name}]", "value = 4096", 'kind = "assumed"', 'source = "a guess for a test"']
    return "\n".join(rows)


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    block = re.search(r"\n\n((?:    .*\n|\n)+?)\n>>> load\(\"gateway", loading.__doc__ or "")
    assert block is not None
    path = write(tmp_path, block[1].replace("    ", ""))
    gateway = profiles.load(path)
    assert gateway.storage_write_bytes_s == 8000000.0
    assert gateway.title == "our gateway: a Pi 4 with a slow card"
    assert gateway.figure("storage_write_bytes_s").kind == "measured"


def test_like_takes_all_that_is_not_said(tmp_path: Path) -> None:
    gateway, pi = profiles.load(write(tmp_path, GOOD)), profiles.load("pi-4b")
    assert gateway.figure("storage_write_bytes_s").high == 10e6
    assert {**gateway.figures, "storage_write_bytes_s": None} == {**pi.figures, "storage_write_bytes_s": None}
    assert (gateway.kind, gateway.core) == ("linux", "a72")
    assert pi.storage_write_bytes_s == 10e6  # and the Pi is as it was


@pytest.mark.parametrize(("kind", "core"), [("linux", "a55"), ("microcontroller", "m33")])
def test_a_profile_of_its_own(tmp_path: Path, kind: str, core: str) -> None:
    board = profiles.load(write(tmp_path, whole(kind, core), "mine.toml"))
    assert (board.name, board.title, board.kind, board.core) == ("mine", "mine", kind, core)
    assert board.ram_bytes == 4096


def test_a_path_may_be_text_and_a_profile_is_taken_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    gateway = profiles.load(str(path))
    assert gateway == profiles.load(path)
    assert profiles.load(gateway) is gateway


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pi-zero2w", r"there is no profile 'pi-zero2w' and no such \.toml file; did you mean 'pi-zero-2w'"),
        ("PI-5", r"did you mean 'pi-5'"),
        (
            "jetson-orin",
            r"there are cortex-m4f, generic-512mb-arm64, .*rp2040",
        ),
        ("no-such-file.toml", r"no-such-file\.toml cannot be read"),
    ],
)
def test_an_unknown_name_offers_near_ones(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        profiles.load(name)


MISTAKES = {
    "an unknown figure": ("[storage_write_bytes_s]", "[storage_write_byte_s]",
                          "line 4: unknown table or key 'storage_write_byte_s'; did you mean 'storage_write_bytes_s'"),
    "a figure of the other kind": ("[storage_write_bytes_s]", "[cpi]", "unknown table or key 'cpi'"),
    "an unknown key": ("low =", "lowest =",
                       r"line 6: unknown key 'lowest' in \[storage_write_bytes_s\]; did you mean 'low'"),
    "no value": ('value = "8MB"', "", "storage_write_bytes_s has no value"),
    "no kind": ('kind = "measured"', "", r"has no kind \(cited\|measured\|assumed\)"),
    "no source": ('source = "fio on our cards"', "", r"has no source \(who says so, and where\)"),
    "an empty source": ("fio on our cards", "  ", "line 9: source of storage_write_bytes_s says who says so"),
    "a source that is a number": ('"fio on our cards"', "7", "it is not 7"),
    "another kind of knowing": ('"measured"', '"guessed"', "kind of storage_write_bytes_s is cited, measured, assumed"),
    "a unit that does not exist": ('"8MB"', '"8 megs"', "line 5: value of storage_write_bytes_s: a size is written"),
    "a truth value": ('"8MB"', "true", r"is a number \(bytes/s\), not True"),
    "a list": ('"8MB"', "[8]", r"is a number \(bytes/s\), not \[8\]"),
    "nothing": ('"8MB"', "0", "is above 0, not 0"),
    "below nothing": ('"8MB"', "-1", "is above 0, not -1"),
    "no number": ('"8MB"', "nan", "is above 0, not nan"),
    "without end": ('high = "10MB"', "high = inf", "high of storage_write_bytes_s is above 0, not inf"),
    "a value below its range": ('"8MB"', '"5MB"',
                                r"line 5: value of storage_write_bytes_s is 5e\+06, not between 6e\+06"),
    "a value above its range": ('"8MB"', '"11MB"', "not between"),
    "a range upside down": ('low = "6MB"', 'low = "9MB"', "not between"),
    "like nobody": ('"pi-4b"', '"pi-4c"', "line 2: there is no profile 'pi-4c' to be like; there is pi-4b"),
    "like a number": ('"pi-4b"', "4", "like is a text, not 4"),
    "a kind that is not its model's": ('like = "pi-4b"', 'like = "pi-4b"\nkind = "microcontroller"',
                                       "pi-4b is a linux profile"),
    "a kind that does not exist": ('like = "pi-4b"', 'kind = "fpga"',
                                   "kind is 'linux' or 'microcontroller', not 'fpga'"),
    "neither like nor kind": ('like = "pi-4b"', "", "kind is 'linux' or 'microcontroller', not None"),
    "no core": ('like = "pi-4b"', 'kind = "linux"', "core is missing"),
    "a figure that is missing": ('like = "pi-4b"', 'kind = "linux"\ncore = "a72"',
                                 r"figure \[cores\] is missing \(processor cores\); give it"),
    "a figure that is no table": ("[storage_write_bytes_s]", "ram_bytes = 7\n[storage_write_bytes_s]",
                                  r"a figure is a table: \[ram_bytes\]"),
    "no TOML": ("like =", "like", "is not TOML"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_named(tmp_path: Path, mistake: str) -> None:
    old, new, said = MISTAKES[mistake]
    assert old in GOOD
    with pytest.raises(ConfigError, match=said) as caught:
        profiles.load(write(tmp_path, GOOD.replace(old, new, 1)))
    assert "gateway.toml" in str(caught.value)


def test_counts_and_sizes_are_whole(tmp_path: Path) -> None:
    cores = GOOD + '[cores]\nvalue = 2.5\nkind = "assumed"\nsource = "a slip"\n'
    with pytest.raises(ConfigError, match=r"line 11: value of cores is a whole number, not 2\.5"):
        profiles.load(write(tmp_path, cores))
    size = GOOD + '[clock_hz]\nvalue = "1GB"\nkind = "assumed"\nsource = "a clock is no size"\n'
    with pytest.raises(ConfigError, match=r"value of clock_hz is a number \(Hz\), not '1GB'"):
        profiles.load(write(tmp_path, size))


def check_strict(read: object, folder: Path) -> None:
    """Fail unless a reader refuses a figure without a source and a value outside its range."""
    for old, new in (('source = "fio on our cards"', ""), ('"8MB"', '"5MB"'), ("low =", "lowest =")):
        path = write(folder, GOOD.replace(old, new, 1))
        try:
            read(path)  # type: ignore[operator]
        except ConfigError:
            continue
        raise AssertionError(f"{new!r} for {old!r} was taken")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if key not in table:", 'if key not in table and key != "source":'),
        ("if not low <= value <= high:", "if not low <= high:"),
        ("if key not in _KEYS:", "if False:"),
    ],
)
def test_a_lenient_reader_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    check_strict(profiles.load, tmp_path)
    twin = mutated(reading, old, new)
    monkeypatch.setattr(loading, "read_figure", twin.read_figure)
    with pytest.raises((AssertionError, KeyError)):
        check_strict(profiles.load, tmp_path)


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from edgelearn.emulator import profiles; profiles.load('pi-5')\n"
        "from edgelearn.emulator.profiles import budget, prediction\n"
        "heavy = {'numpy', 'numba', 'onnxruntime', 'click', 'pytest', 'unicorn'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
