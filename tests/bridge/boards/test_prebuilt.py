"""The ELFs in the repository are those of these sources: the same hash, and the same bytes when built again."""

import hashlib
import importlib.util
from pathlib import Path

import pytest

from edgelearn import export
from edgelearn.emulator.boards import prebuilt as kept
from edgelearn.errors import ConfigError
from tests.bridge.boards.conftest import Build
from tools.firmware import plan, prebuilt

AGAIN = "the firmware has changed since: run python3 -m tools firmware"


@pytest.mark.parametrize("board", plan.PORTS)
def test_the_manifest_has_the_hash_of_the_sources(board: str) -> None:
    said = prebuilt.manifest()[board]
    assert said["sources_sha256"] == plan.source_hash(plan.PORTS[board]), AGAIN
    assert said["elf_sha256"] == hashlib.sha256((plan.PREBUILT / said["elf"]).read_bytes()).hexdigest(), AGAIN


@pytest.mark.parametrize("board", plan.PORTS)
def test_built_again_it_is_the_same_to_the_last_byte(board: str, firmware: Build) -> None:
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip(
            f"ziglang is missing, so no ELF was built again: pip install 'ziglang=={plan.ZIG_VERSION}'"
        )
    built = firmware("zig", board)
    assert built.elf.read_bytes() == (plan.PREBUILT / f"{board}.elf").read_bytes(), AGAIN
    assert prebuilt.manifest()[board]["compiler"] == built.compiler


@pytest.mark.parametrize("board", plan.PORTS)
def test_nothing_of_a_machine_is_in_it(board: str) -> None:
    content = (plan.PREBUILT / f"{board}.elf").read_bytes()
    assert not [
        word for word in (b"/tmp", b"/home", b"/root", b".cache", b".venv", b"/ports/") if word in content
    ]


def test_a_hash_follows_sources_flags_and_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = plan.PORTS["microbit"]
    for folder in ("include", "src", plan.COMMON, "ports/microbit"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(plan, "FOLDER", tmp_path)
    seen = {plan.source_hash(port)}
    for name in ("include/a.h", "src/b.c", "ports/microbit/microbit.ld"):
        (tmp_path / name).write_text("one")
        seen.add(plan.source_hash(port))
        (tmp_path / name).write_text("two")
        seen.add(plan.source_hash(port))
    monkeypatch.setattr(plan, "FLAGS", (*plan.FLAGS, "-DX"))
    seen.add(plan.source_hash(port))
    assert len(seen) == 8


@pytest.mark.parametrize(("board", "folder"), [("mps2_an386", "include"), ("microbit", "ports/microbit")])
def test_the_head_a_board_begins_with_is_the_one_that_python_has(
    board: str, folder: str, tmp_path: Path
) -> None:
    head = kept.head(board)
    export.to_c(head, tmp_path / "el_head.h")
    exported, own = (_macros(path) for path in (tmp_path / "el_head.h", plan.FOLDER / folder / "el_head.h"))
    assert set(export.state_bytes(head)) == {0}  # as it begins where none is written down
    assert exported.pop("EL_HEAD_START")
    assert own == exported


def test_a_board_without_firmware_is_refused() -> None:
    with pytest.raises(ConfigError, match="mps2_an386, microbit"):
        kept.image("teapot")


def _macros(path: Path) -> dict[str, str]:
    lines = [line.split("/*")[0].split(maxsplit=2) for line in path.read_text().splitlines()]
    named = [line for line in lines if len(line) == 3 and line[0] == "#define"]
    return {name: value.strip() for _, name, value in named}
