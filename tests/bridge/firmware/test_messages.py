"""el_messages.h: made of the table as it is, and reading what the table writes."""

import ctypes
import json
import struct
from pathlib import Path

import pytest

from firmware_bridge.protocol import messages
from firmware_bridge.protocol.messages import FORMS, NUMBERED
from tests.bridge.conftest import FIRMWARE, Library
from tests.bridge.firmware.c_link import Sizes, link_library
from tools.firmware import header

VECTORS = json.loads((FIRMWARE.parent / "protocol" / "vectors.json").read_text())
C_TYPES = {
    "B": ctypes.c_uint8, "H": ctypes.c_uint16, "I": ctypes.c_uint32, "Q": ctypes.c_uint64, "h": ctypes.c_int16,
    "f": ctypes.c_float, "8s": ctypes.c_uint8 * 8, "16s": ctypes.c_uint8 * 16,
}  # fmt: skip


def struct_of(kind: type) -> type[ctypes.Structure]:
    """Return the C struct of a message."""
    fields: list[tuple[str, type]] = []
    for name, code in FORMS[kind].fields:
        if code == "*":
            fields += [(name, ctypes.POINTER(ctypes.c_uint8)), (f"{name}_size", ctypes.c_uint16)]
        else:
            fields.append((name, C_TYPES[code]))
    return type(kind.__name__, (ctypes.Structure,), {"_fields_": fields})


def test_the_header_is_made_of_the_table_as_it_is() -> None:
    assert header.PATH.read_text() == header.text(), "run `python3 -m tools.firmware.header`"


@pytest.mark.parametrize("vector", VECTORS["messages"], ids=lambda vector: vector["name"])
def test_c_reads_and_writes_the_messages_of_the_vectors(library: Library, vector: dict) -> None:
    lib = link_library(library, Sizes())
    kind, payload = NUMBERED[vector["number"]], bytes.fromhex(vector["payload"])
    c = struct_of(kind)()
    held = ctypes.create_string_buffer(payload, len(payload))  # what pointers of the struct point into
    assert lib.glue_read(vector["number"], ctypes.byref(c), held, len(payload))
    message = messages.decode(vector["number"], payload)
    for (name, code), value in zip(FORMS[kind].fields, message, strict=True):
        got = getattr(c, name)
        if code == "*":
            assert ctypes.string_at(got, getattr(c, f"{name}_size")) == value
        elif code == "f":
            assert struct.pack("<f", got) == struct.pack("<f", value)
        else:
            assert (bytes(got) if code.endswith("s") else got) == value, name
    again = ctypes.create_string_buffer(FORMS[kind].fixed.size)
    assert lib.glue_write(vector["number"], ctypes.byref(c), again) == FORMS[kind].fixed.size
    assert again.raw == payload[: FORMS[kind].fixed.size]


@pytest.mark.parametrize("number", NUMBERED)
def test_c_refuses_the_lengths_that_python_refuses(library: Library, number: int) -> None:
    lib, form = link_library(library, Sizes()), FORMS[NUMBERED[number]]
    c = struct_of(NUMBERED[number])()
    for n in range(form.fixed.size + 20):
        taken = n == form.fixed.size or (form.rest and n > form.fixed.size)
        assert lib.glue_read(number, ctypes.byref(c), bytes(n), n) == taken


def test_the_header_compiles_alone_and_twice(build, tmp_path: Path) -> None:
    source = tmp_path / "alone.c"
    source.write_text(
        '#include "el_messages.h"\n#include "el_messages.h"\nint main(void) {\n    return 0;\n}\n'
    )
    build("alone", [source], ["-O2"])
