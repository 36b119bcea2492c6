"""Frames of C and of Python are the same bytes."""

import ctypes
import json
import zlib
from random import Random

import pytest

from firmware_bridge.protocol import frame
from firmware_bridge.protocol.frame import Damage
from tests.bridge.conftest import FIRMWARE, Library
from tests.bridge.firmware.c_link import Sizes, link_library

VECTORS = json.loads((FIRMWARE.parent / "protocol" / "vectors.json").read_text())


@pytest.fixture(scope="module")
def lib(library: Library) -> ctypes.CDLL:
    lib = link_library(library, Sizes(auth=True))
    for name in ("el_encode", "glue_raw_max", "glue_wire_max", "glue_decoder_size", "glue_decode"):
        getattr(lib, name).restype = ctypes.c_size_t
    lib.el_crc32.restype = ctypes.c_uint32
    return lib


class CDecoder:
    """`el_decoder`."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self._lib = lib
        self._memory = ctypes.create_string_buffer(lib.glue_decoder_size())
        lib.el_decoder_init(self._memory)

    def feed(self, data: bytes) -> tuple[list[bytes], int, int]:
        """Return frames, and how many were broken and oversize."""
        out, damaged = ctypes.create_string_buffer(3 * len(data) + 600), (ctypes.c_uint32 * 2)()
        n = self._lib.glue_decode(self._memory, data, ctypes.c_size_t(len(data)), out, damaged)
        frames, at, text = [], 0, out.raw[:n]
        while at < n:
            size = int.from_bytes(text[at : at + 2], "little")
            frames.append(text[at + 2 : at + 2 + size])
            at += 2 + size
        return frames, damaged[0], damaged[1]


def encoded(lib: ctypes.CDLL, raw: bytes) -> bytes:
    """Return header, payload and four bytes of tail as C encodes them."""
    out = ctypes.create_string_buffer(lib.glue_wire_max())
    payload = raw[6:-4]
    n = lib.el_encode(out, raw[:6], payload, ctypes.c_size_t(len(payload)), raw[-4:], ctypes.c_size_t(4))
    return out.raw[:n]


def python_feed(data: bytes, raw_max: int) -> tuple[list[bytes], int, int]:
    got = frame.Decoder(raw_max).feed(data)
    return (
        [one for one in got if isinstance(one, bytes)],
        got.count(Damage.BROKEN),
        got.count(Damage.OVERSIZE),
    )


def content(rng: Random, most: int) -> bytes:
    size = rng.choice((rng.randrange(most + 1), most, 253, 254, 255, 0))
    return bytes(rng.choices(range(256), [rng.choice((0, 1, 300))] + [1] * 255, k=size))


def test_the_cobs_vectors(lib: ctypes.CDLL) -> None:
    for vector in VECTORS["cobs"]:
        raw, coded = bytes.fromhex(vector["raw"]), bytes.fromhex(vector["coded"])
        if len(raw) <= lib.glue_raw_max():
            assert CDecoder(lib).feed(coded + b"\0") == ([raw], 0, 0)
        if 10 <= len(raw) <= lib.glue_raw_max():
            assert encoded(lib, raw) == coded + b"\0"


def test_the_frame_vectors(lib: ctypes.CDLL) -> None:
    assert len(VECTORS["frames"]) > 20
    for vector in VECTORS["frames"]:
        wire = bytes.fromhex(vector["wire"])
        ([raw], broken, over) = CDecoder(lib).feed(wire)
        assert (broken, over) == (0, 0)
        assert (raw[0], raw[1]) == (vector["kind"], vector["type"])
        assert raw[6:-4] == bytes.fromhex(vector["payload"]) + bytes.fromhex(vector["tag"])
        check = lib.el_crc32(0, raw, ctypes.c_size_t(len(raw) - 4)) ^ vector["session"]
        assert check.to_bytes(4, "little") == raw[-4:]
        assert encoded(lib, raw) == wire


@pytest.mark.parametrize("seed", range(200))
def test_random_payloads_are_the_same_bytes(lib: ctypes.CDLL, seed: int) -> None:
    rng = Random(seed)
    payload, session = content(rng, 512), rng.randrange(2**32)
    wire = frame.encode(
        0x11, rng.randrange(256), rng.randrange(2**16), rng.randrange(2**16), payload, session
    )
    [raw], _, _ = python_feed(wire, 1000)
    assert CDecoder(lib).feed(wire) == ([raw], 0, 0)
    assert encoded(lib, raw) == wire
    assert lib.el_crc32(0, payload, ctypes.c_size_t(len(payload))) == zlib.crc32(payload)


@pytest.mark.parametrize("seed", range(100))
def test_a_spoilt_stream_is_decoded_alike_whole_byte_by_byte_and_by_python(
    lib: ctypes.CDLL, seed: int
) -> None:
    rng = Random(seed)
    raw_max = lib.glue_raw_max()
    frames = [frame.encode(0x11, 20, 0, 0, content(rng, 600), 1) for _ in range(8)]
    stream = bytearray(b"".join(frames) + content(rng, 2000) + b"\0")
    for _ in range(rng.randrange(12)):
        stream[rng.randrange(len(stream))] = rng.choice((0, 255, rng.randrange(256)))
    whole = CDecoder(lib).feed(bytes(stream))
    single = CDecoder(lib)
    parts = [single.feed(bytes((byte,))) for byte in stream]
    assert whole[0] == [one for part in parts for one in part[0]]
    assert whole[1:] == (sum(part[1] for part in parts), sum(part[2] for part in parts))
    frames_of_python, broken, over = python_feed(bytes(stream), raw_max)
    assert whole[0] == frames_of_python
    assert whole[1] + whole[2] == broken + over


def test_a_flood_without_delimiter_is_one_frame_too_large(lib: ctypes.CDLL) -> None:
    good = frame.encode(0x11, 20, 0, 0, b"there", 1)
    decoder = CDecoder(lib)
    assert decoder.feed(b"\x07" * 100_000) == ([], 0, 0)
    frames, broken, over = decoder.feed(b"\0" + good)
    assert (len(frames), broken, over) == (1, 0, 1)
