"""The definition and C on this machine, equal to the last bit, with and without the watch for undefined behaviour."""

import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from edgelearn.export import to_c
from edgelearn.fixed.head import FixedHead
from firmware_bridge.protocol.constants import CODES
from tests import golden
from tests.bridge.conftest import SANITIZED, SOURCES, STRICT
from tests.bridge.fixed.heads import SETTINGS, Call, answered, begun, calls

SEEDS, STEPS = (0, 1), 260


def built(folder: Path, head: FixedHead, flags: list[str]) -> Path:
    to_c(head, folder / "el_head.h")
    sources = [SOURCES / "learner_q15.c", Path(__file__).parent / "runner.c"]
    made = [f"-I{folder}", *STRICT, *flags, *map(str, sources)]
    subprocess.run(["cc", *made, "-o", str(folder / "head")], check=True)
    return folder / "head"


def ran(program: Path, made: list[Call], n_post: int, size: int) -> list[tuple[str, int, list[int], bytes]]:
    sent = b"".join(
        call.what.encode() + struct.pack("<hf", call.label, call.reward) + call.x.tobytes() + call.state
        for call in made
    )
    got = subprocess.run([str(program)], input=sent, capture_output=True, check=False, timeout=60)
    assert got.returncode == 0, got.stderr.decode()[:2000]
    names, form, found = {v: k for k, v in CODES.items()}, struct.Struct(f"<Bh{n_post}h{size}s"), []
    for call, (code, label, *scores, state) in zip(made, form.iter_unpack(got.stdout), strict=True):
        found.append((names[code], label, scores if call.what == "p" else [], state))
    return found


@pytest.mark.parametrize("flags", [["-O2"], SANITIZED], ids=["plain", "watched"])
@pytest.mark.parametrize("name", SETTINGS)
def test_c_is_equal_to_the_definition(name, flags, tmp_path):
    settings = SETTINGS[name]
    for seed in SEEDS:
        head = begun(settings, seed)
        program = built(tmp_path, head, flags)
        made = calls(settings, seed, STEPS)
        found = ran(program, made, settings.n_post, len(head.state_bytes()))
        for k, (call, one) in enumerate(zip(made, found, strict=True)):
            assert one == answered(head, call), f"seed {seed}, call {k} ({call.what})"


@pytest.mark.parametrize("file", sorted({name.split()[0] for name in SETTINGS}))
def test_c_reads_the_golden_vectors(file, tmp_path):
    for case in golden.read("fixed", file):
        head = FixedHead(SETTINGS[case["name"]])
        head.load_bytes(bytes.fromhex(case["start"]))
        taught = "r" if head.settings.signal == "reward" else "l"
        made = [
            Call(what, step["x"].astype(np.int16), step["label"], float(step["reward"]))
            for step in case["steps"]
            for what in (taught, "p")
        ]
        found = ran(built(tmp_path, head, ["-O2"]), made, head.settings.n_post, len(head.state_bytes()))
        for step, (code, *_), (_, label, scores, state) in zip(
            case["steps"], found[::2], found[1::2], strict=True
        ):
            assert CODES[code] == step["code"]
            assert label == step["predicted"]
            assert scores == step["scores"].tolist()
            assert zlib.crc32(state) == step["state_crc"]
        assert state.hex() == case["end"]
