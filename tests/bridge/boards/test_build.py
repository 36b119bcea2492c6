"""Every port builds without a warning, by both compilers, and within the budget."""

import json
import struct

import pytest

from edgelearn.emulator.boards import elf
from tests.bridge.boards.conftest import Build
from tools.firmware import budget, command, compilers, sizes
from tools.firmware.plan import PORTS, ZIG_VERSION, flags, includes

LLD_MAP = """\
     VMA      LMA     Size Align Out     In      Symbol
       0        0      1c0     4 .text
       0        0       c0     4         /b/startup.o:(.vectors)
      c0       c0      100     4         /b/link.o:(.text.f)
     1c0      1c0        8     4         /b/a.a(muldi3.o):(.rodata.x)
20000000 20000000       10     4         /b/link.o:(.data.y)
20000010 20000010      400     1         /b/link.o:(.bss.z)
20000010 20000010      400     1                 z
"""
GNU_MAP = """\
 .text.gone     0x00000000       0x99 /b/link.o
Linker script and memory map
 .vectors       0x00000000       0xc0 /b/startup.o
 .text.a_function_with_a_long_name
                0x000000c0      0x100 /b/link.o
 .rodata.x      0x000001c0        0x8 /usr/lib/libgcc.a(_muldi3.o)
 .data.y        0x20000000       0x10 /b/link.o
 .bss.z         0x20000010      0x400 /b/link.o
"""


@pytest.mark.parametrize("board", PORTS)
@pytest.mark.parametrize("compiler", compilers.COMPILERS)
def test_a_port_builds_with_every_warning_an_error(compiler: str, board: str, firmware: Build) -> None:
    built = firmware(compiler, board)
    parts = elf.read(built.elf).parts
    assert built.total.flash == pytest.approx(sum(len(part.data) for part in parts), abs=64)  # gaps to align
    assert {"link", "frame", "store", "port", "board", "startup", "memory"} <= built.modules.keys()


@pytest.mark.parametrize("board", PORTS)
@pytest.mark.parametrize("compiler", compilers.COMPILERS)
def test_a_port_is_within_its_budget(compiler: str, board: str, firmware: Build) -> None:
    for check in budget.check(firmware(compiler, board)):
        assert check.size.flash > 1000
        assert check.size.ram > 1000
        assert check.kept, f"{check.limit.name}: {check.size}"


def test_beyond_the_budget_is_said(firmware: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    built = firmware("zig", "mps2_an386")
    (limit,) = budget.limits()
    monkeypatch.setattr(budget, "limits", lambda: [limit._replace(flash=limit.flash - 1000)])
    (check,) = budget.check(built)
    assert not check.kept


def test_beyond_the_budget_the_command_fails_and_keeps_no_elf(
    firmware: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = {port.name: firmware("zig", port.name) for port in PORTS.values()}
    kept: list[object] = []
    limits = [limit._replace(ram=1000) for limit in budget.limits()]
    monkeypatch.setattr(command, "build", lambda _compiler, port, _folder: built[port.name])
    monkeypatch.setattr(command.prebuilt, "write", kept.append)
    monkeypatch.setattr(budget, "limits", lambda: limits)
    assert command.main([]) == 1
    assert "of 1000: EXCEEDED" in capsys.readouterr().out
    assert not kept


def test_every_warning_is_asked_for() -> None:
    wanted = {
        "-std=c99",
        "-ffp-contract=off",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Wdouble-promotion",
        "-Werror",
    }
    assert wanted <= set(flags("src/link.c"))
    assert wanted <= set(flags("ports/cortex_m/memory.c"))


@pytest.mark.parametrize("text", [LLD_MAP, GNU_MAP])
def test_a_map_is_read(text: str) -> None:
    assert sizes.by_module(text) == {
        "arithmetic": sizes.Size(8, 0),
        "link": sizes.Size(0x110, 0x410),
        "startup": sizes.Size(0xC0, 0),
    }


def test_an_error_of_the_compiler_is_told_in_its_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "wrong.c").write_text("int f(void); int f(void) { int unused; return 1.5; }\n")
    used = compilers.compiler("zig", PORTS["microbit"], folder)
    with pytest.raises(compilers.BuildError, match="unused"):
        used.compile(
            str(folder / "wrong.c"), folder / "wrong.o", [*flags("wrong.c"), *includes(PORTS["microbit"])]
        )


def test_a_missing_compiler_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compilers.importlib.util, "find_spec", lambda _: None)
    assert command.main([]) == 1
    assert f"pip install 'ziglang=={ZIG_VERSION}'" in capsys.readouterr().err
    monkeypatch.setattr(compilers.shutil, "which", lambda _: None)
    assert command.main(["--compiler", "gcc"]) == 1
    assert "apt install gcc-arm-none-eabi" in capsys.readouterr().err


def test_sizes_come_as_json(
    firmware: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = {port.name: firmware("zig", port.name) for port in PORTS.values()}
    monkeypatch.setattr(command, "build", lambda _compiler, port, _folder: built[port.name])
    monkeypatch.setattr(command.prebuilt, "write", lambda _: None)
    assert command.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["port"] for one in told] == list(PORTS)
    assert all(one["modules"]["link"]["flash"] > 0 for one in told)


def test_vectors_point_into_the_firmware(firmware: Build) -> None:
    found = elf.read(firmware("zig", "microbit").elf)
    first = next(part for part in found.parts if part.address == 0)
    stack, *handlers = struct.unpack("<48I", first.data[:192])
    assert stack == 0x20004000
    assert handlers[0] == found.symbols["el_start"].address
    assert all(handler & 1 for handler in handlers)  # Thumb
