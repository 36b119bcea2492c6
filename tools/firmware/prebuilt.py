"""The small ELFs kept in the repository, so that a board can be emulated without a compiler, and the proof of them.

Rule: manifest.json names what decided their bytes (`plan.source_hash`) and their own hashes; a test builds them again.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from typing import Any

from tools.firmware.build import Built
from tools.firmware.plan import PREBUILT, source_hash

MANIFEST = PREBUILT / "manifest.json"


def write(built: Iterable[Built]) -> None:
    """Put ELFs and their manifest into the repository."""
    PREBUILT.mkdir(exist_ok=True)
    boards = {}
    for one in built:
        name = f"{one.port.name}.elf"
        shutil.copyfile(one.elf, PREBUILT / name)
        boards[one.port.name] = {
            "elf": name,
            "core": one.port.core,
            "compiler": one.compiler,
            "sources_sha256": source_hash(one.port),
            "elf_sha256": hashlib.sha256(one.elf.read_bytes()).hexdigest(),
            **one.total._asdict(),
        }
    MANIFEST.write_text(json.dumps({"boards": boards}, indent=2) + "\n")


def manifest() -> dict[str, Any]:
    """Return what the manifest says of each board."""
    boards: dict[str, Any] = json.loads(MANIFEST.read_text())["boards"]
    return boards
