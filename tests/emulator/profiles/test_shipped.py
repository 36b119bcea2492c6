"""The profiles that come with the package: complete, sourced, and within reason."""

import json
import re
import tomllib

import pytest

from edgelearn.emulator import profiles
from edgelearn.emulator.profiles.figure import written
from edgelearn.emulator.profiles.known import KINDS
from edgelearn.errors import ConfigError

SHIPPED = [
    "cortex-m4f", "generic-512mb-arm64", "nrf52840", "pi-3b-plus", "pi-4b", "pi-5", "pi-zero-2w", "rp2040",
]  # fmt: skip
LINUX = [name for name in SHIPPED if name.startswith(("pi-", "generic"))]
MICROCONTROLLERS = [name for name in SHIPPED if name not in LINUX]

SANE = {
    "cores": (1, 64), "clock_hz": (16e6, 5e9), "ram_bytes": (16e3, 64e9), "system_bytes": (50e6, 1e9),
    "storage_bytes": (1e9, 1e12), "storage_write_bytes_s": (1e6, 1e9), "storage_endurance_bytes": (1e12, 1e16),
    "python_rounds_s": (5, 2000), "matmul_flops": (5e8, 1e11), "copy_bytes_s": (3e8, 5e10),
    "flash_bytes": (64e3, 16e6), "flash_page_bytes": (256, 256e3), "flash_endurance_cycles": (1e3, 1e6),
    "flash_erase_s": (1e-3, 5), "flash_write_bytes_s": (1e4, 5e6), "cpi": (0.9, 4),
}  # fmt: skip


def test_names_are_those_shipped() -> None:
    assert profiles.names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_figure_is_there_sourced_and_sane(name: str) -> None:
    profile = profiles.load(name)
    assert profile.name == name
    assert list(profile.figures) == list(KINDS[profile.kind])
    for key, figure in profile.figures.items():
        least, most = SANE[key]
        assert least <= figure.low <= figure.value <= figure.high <= most, key
        assert len(figure.source) >= 20 or figure.source == "what the name says", key
        if figure.kind == "cited":
            assert re.search(r"https?://\w", figure.source), f"{key}: cited is what can be opened"
            assert "not opened" not in figure.source, key


@pytest.mark.parametrize("name", SHIPPED)
def test_derived_figures_say_so_and_are_uncertain(name: str) -> None:
    """What a profile only assumes about speed must have a range: a bare number would look like knowledge."""
    for key, figure in profiles.load(name).figures.items():
        if figure.kind == "assumed" and key in {"python_rounds_s", "matmul_flops", "copy_bytes_s", "cpi"}:
            assert figure.high >= 1.15 * figure.low, key


@pytest.mark.parametrize("name", LINUX)
def test_a_linux_board_has_room_for_a_program(name: str) -> None:
    board = profiles.load(name)
    assert board.kind == "linux"
    assert 200e6 < board.ram_bytes - board.system_bytes < board.ram_bytes
    assert board.storage_endurance_bytes > 100 * board.storage_bytes
    assert board.storage_write_bytes_s >= 10e6  # speed class A1
    with pytest.raises(ConfigError, match=f"{name} is a linux profile without cpi; it has cores, "):
        _ = board.cpi


@pytest.mark.parametrize("name", MICROCONTROLLERS)
def test_a_microcontroller_has_flash_of_whole_pages(name: str) -> None:
    board = profiles.load(name)
    assert board.kind == "microcontroller"
    assert board.flash_bytes % board.flash_page_bytes == 0
    assert board.flash_endurance_cycles >= 10_000
    assert board.cpi[0] < board.cpi[1]
    with pytest.raises(ConfigError, match="without system_bytes"):
        _ = board.system_bytes


def test_what_the_issue_names() -> None:
    m4, pico, zero = (profiles.load(name) for name in ("cortex-m4f", "rp2040", "pi-zero-2w"))
    assert (m4.clock_hz, m4.ram_bytes, m4.core) == (168e6, 192 * 1024, "m4f")
    assert (pico.ram_bytes, pico.core, pico.cores) == (264 * 1024, "m0plus", 2)
    assert (zero.ram_bytes, zero.cores) == (512 * 2**20, 4)
    assert profiles.load("nrf52840").core == "m4f"


def test_faster_boards_have_faster_yardsticks() -> None:
    order = [profiles.load(name) for name in ("pi-zero-2w", "pi-3b-plus", "pi-4b", "pi-5")]
    for key in ("python_rounds_s", "matmul_flops"):
        values = [board.figure(key).value for board in order]
        assert values == sorted(values), key
    assert order[0].figure("copy_bytes_s").value < order[3].figure("copy_bytes_s").value


@pytest.mark.parametrize("name", SHIPPED)
def test_the_table_shows_every_figure_with_its_source(name: str) -> None:
    profile = profiles.load(name)
    table = str(profile)
    for key, figure in profile.figures.items():
        assert key in table
        assert f"{figure.kind}: {figure.source}" in table
        assert str(figure) in table
    read = json.loads(json.dumps(profile.as_dict()))
    assert read["figures"]["ram_bytes"]["value"] == profile.ram_bytes
    assert all(figure["source"] for figure in read["figures"].values())


def test_sizes_are_written_as_people_read_them() -> None:
    table = str(profiles.load("pi-zero-2w"))
    for text in ("512 MiB", "32 GB", "29 TB (9.3 TB to 148 TB)", "10 MB/s", "1 GHz (600 MHz to 1 GHz)"):
        assert text in table
    board = str(profiles.load("rp2040"))
    assert "264 KiB" in board
    assert "45 ms (45 ms to 400 ms)" in board
    assert written(8955 * 4096, "bytes") == "36.68 MB"  # pages that were resident
    assert [written(size, "bytes") for size in (0, 1000, 5 * 2**30)] == ["0 B", "1 kB", "5 GiB"]


def test_figures_cannot_be_changed() -> None:
    profile = profiles.load("pi-5")
    with pytest.raises(TypeError):
        profile.figures["cores"] = profile.figures["ram_bytes"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        profile.name = "pi-6"  # type: ignore[misc]


def test_shipped_files_name_themselves() -> None:
    from edgelearn.emulator.profiles import loading

    for name in SHIPPED:
        text = (loading._HERE / f"{name}.toml").read_text("utf-8")
        assert tomllib.loads(text)["name"] == name
