"""What a step of SoftHebb costs beside back-propagation: three products a weight and position, and no map is kept.

Its kernels are compiled, so products are told from what they do: the drive x w, and y x and y u w for the change. A
layer learns position after position as it sees them, so it keeps the map it sees, the pooled one it hands on, and
drives and shares of one position; a dense layer has one position. The readout is counted beside this.
"""

import numpy as np

from edgelearn.bench.counts import Cost
from edgelearn.conv import Conv
from edgelearn.systems.softhebb import SoftHebb


def cost(net: SoftHebb) -> Cost:
    """Return what one sample takes of a network that is bound to its input."""
    macs, kept = 0, []
    for stage in net.stages:
        layer = stage.layer
        n_patch, units = layer.w.shape
        conv = isinstance(layer, Conv)
        positions = layer.n_out // units if conv else 1
        seen = int(np.prod(layer.shape)) if isinstance(layer, Conv) else n_patch
        macs += 3 * positions * n_patch * units
        kept.append(seen + (stage.n_out if conv else 0) + 2 * units)
    return Cost(4 * max(kept), macs)
