"""Whether a firmware is for a core: what its compiler wrote into .ARM.attributes, and the flags of the ELF.

Rule: a firmware that says nothing (built without the section) is taken at its word of having a vector table.
Source: Addenda to, and Errata in, the ABI for the Arm Architecture, build attributes; ELF for the Arm Architecture.
"""

from typing import NamedTuple

from edgelearn.emulator.boards.elf import Elf
from edgelearn.emulator.boards.errors import BoardError

HARD_FLOAT = 0x400  # flag of the ELF: floats are passed in registers of the FPU
CPU_NAME, CPU_ARCH, CPU_PROFILE, VFP_ARGS, COMPATIBILITY = 5, 6, 7, 28, 32
FILE = 1
NTBS = (4, CPU_NAME, 65, 67)  # tags with text; of those above 32 all odd ones too
MICROCONTROLLER, APPLICATION = 0x4D, 0x41
ARCHITECTURES = {
    0: "before Armv4", 1: "Armv4", 2: "Armv4T", 3: "Armv5T", 4: "Armv5TE", 5: "Armv5TEJ", 6: "Armv6",
    7: "Armv6KZ", 8: "Armv6T2", 9: "Armv6K", 10: "Armv7", 11: "Armv6-M", 12: "Armv6S-M", 13: "Armv7E-M",
    14: "Armv8-A", 15: "Armv8-R", 16: "Armv8-M Baseline", 17: "Armv8-M Mainline", 21: "Armv8.1-M Mainline",
}  # fmt: skip


class Core(NamedTuple):
    """``runs``: architectures (numbers of the ABI) it knows."""

    title: str
    runs: frozenset[int]
    fpu: bool


M4F = Core("a Cortex-M4F", frozenset({10, 11, 12, 13}), True)
M0 = Core("a Cortex-M0", frozenset({11, 12}), False)


def check(image: Elf, core: Core) -> None:
    """Raise BoardError where the firmware is for another core than this."""
    tags = attributes(image.attributes)
    architecture = tags.get(CPU_ARCH)
    if architecture is not None:
        profile = tags.get(CPU_PROFILE, MICROCONTROLLER)
        if architecture not in core.runs or profile != MICROCONTROLLER:
            named = ARCHITECTURES.get(int(architecture), f"architecture {architecture}")
            kind = "-A" if profile == APPLICATION else "-R" if profile == 0x52 else ""
            raise BoardError(
                f"the firmware is for {named}{kind}, which {core.title} does not run; build it for another board, "
                "or open the board it is for"
            )
    if not core.fpu and (image.flags & HARD_FLOAT or tags.get(VFP_ARGS) == 1):
        raise BoardError(
            f"the firmware passes floats in registers of an FPU, which {core.title} does not have; "
            "build it with -mfloat-abi=soft"
        )


def attributes(section: bytes) -> dict[int, int | str]:
    """Return the attributes of the whole file by tag; none where the section is empty or of another vendor."""
    found: dict[int, int | str] = {}
    length = int.from_bytes(section[1:5], "little")
    name = section.find(b"\0", 5)
    if not section.startswith(b"A") or section[5:name] != b"aeabi" or length + 1 > len(section):
        return found
    at = name + 1
    while at < length + 1 and (size := int.from_bytes(section[at + 1 : at + 5], "little")) > 5:
        if section[at] == FILE:
            _tags(section[at + 5 : at + size], found)
        at += size
    return found


def _tags(data: bytes, found: dict[int, int | str]) -> None:
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        if tag == COMPATIBILITY:  # a number, then text
            _, at = _number(data, at)
        if tag == COMPATIBILITY or tag in NTBS or (tag > COMPATIBILITY and tag % 2):
            end = data.index(b"\0", at) if b"\0" in data[at:] else len(data)
            found[tag], at = data[at:end].decode(errors="replace"), end + 1
        else:
            found[tag], at = _number(data, at)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a ULEB128 number and where the next begins."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 0x80:
            break
    return value, at
