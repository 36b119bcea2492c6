"""All samples of a sensor as arrays, and its bytes."""

from dataclasses import fields, replace
from hashlib import sha256

import numpy as np

from edgelearn.emulator.sensors import Block, Sensor


def whole(sensor: Sensor, size: int = 4096) -> Block:
    """Return all blocks as one."""
    blocks = list(sensor.blocks(size))
    names = [field.name for field in fields(Block) if field.name != "faults"]
    joined = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in names}
    faults = {name: np.concatenate([block.faults[name] for block in blocks]) for name in blocks[0].faults}
    return replace(blocks[0], faults=faults, **joined)


def digest(block: Block) -> str:
    """Return what says whether two are equal to the last bit."""
    arrays = [block.index, block.time_us, block.stamp_us, block.values, block.lost, *block.faults.values()]
    return sha256(b"".join(a.tobytes() for a in arrays) + repr(block.labels.tolist()).encode()).hexdigest()
