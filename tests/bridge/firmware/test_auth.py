"""BLAKE2s in C is that of RFC 7693."""

import ctypes
import hashlib
import json
from random import Random

import pytest

from firmware_bridge.protocol import frame
from tests.bridge.conftest import FIRMWARE, Library
from tests.bridge.firmware.c_link import Sizes, link_library

VECTORS = json.loads((FIRMWARE.parent / "protocol" / "vectors.json").read_text())
STATE_BYTES = 128  # more than el_blake2s has


@pytest.fixture(scope="module")
def lib(library: Library) -> ctypes.CDLL:
    return link_library(library, Sizes(auth=True))


def digest(lib: ctypes.CDLL, key: bytes, parts: list[bytes], size: int) -> bytes:
    state, out = ctypes.create_string_buffer(STATE_BYTES), ctypes.create_string_buffer(size)
    lib.el_blake2s_init(state, ctypes.c_size_t(size), key, ctypes.c_size_t(len(key)))
    for part in parts:
        lib.el_blake2s_add(state, part, ctypes.c_size_t(len(part)))
    lib.el_blake2s_end(state, out)
    return out.raw


def test_the_vectors(lib: ctypes.CDLL) -> None:
    assert VECTORS["blake2s"]
    for vector in VECTORS["blake2s"]:
        key, data = bytes.fromhex(vector["key"]), bytes.fromhex(vector["data"])
        assert digest(lib, key, [data], vector["size"]).hex() == vector["digest"]


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 127, 128, 129, 500])
def test_lengths_around_a_block_in_any_parts(lib: ctypes.CDLL, n: int) -> None:
    rng = Random(n)
    data, cut = rng.randbytes(n), rng.randrange(n + 1)
    for key in (b"", rng.randbytes(32), rng.randbytes(5)):
        for size in (8, 32):
            wanted = hashlib.blake2s(data, key=key, digest_size=size).digest()
            assert digest(lib, key, [data[:cut], data[cut:]], size) == wanted


def test_the_sessions_of_the_vectors(lib: ctypes.CDLL) -> None:
    lib.el_crc32.restype = ctypes.c_uint32
    for vector in VECTORS["sessions"]:
        boots = b"".join(vector[f"{who}_boot"].to_bytes(4, "little") for who in ("host", "device"))
        names = boots + bytes.fromhex(vector["host_nonce"] + vector["device_nonce"])
        assert lib.el_crc32(0, names, ctypes.c_size_t(len(names))) == vector["number"]
        key = digest(lib, bytes.fromhex(vector["key"]), [b"edgelearn session", names], 32)
        assert key.hex() == vector["session_key"]


def test_the_tags_of_the_vectors(lib: ctypes.CDLL) -> None:
    key, tagged = bytes.fromhex(VECTORS["sessions"][0]["session_key"]), 0
    for vector in VECTORS["frames"]:
        if not vector["tag"]:
            continue
        header = frame.HEADER.pack(
            vector["kind"], vector["type"], vector["seq"] & 0xFFFF, vector["ack"] & 0xFFFF
        )
        raw, tag = header + bytes.fromhex(vector["payload"]), ctypes.create_string_buffer(8)
        lib.glue_tag(key, vector["role"], vector["seq"], vector["ack"], raw, ctypes.c_uint16(len(raw)), tag)
        assert tag.raw.hex() == vector["tag"]
        tagged += 1
    assert tagged > 10
