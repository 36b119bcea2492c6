"""What one `Layer` has become, as operations: its weights, and what the next layer sees of the drive."""

from collections.abc import Callable, Mapping
from typing import Any

from edgelearn.errors import ConfigError, UnsupportedError
from edgelearn.layer import Layer
from edgelearn.systems.chain.curves import KWinners, Pointwise, Power, Softmax, Triangle
from edgelearn.systems.chain.dense import Dense
from edgelearn.systems.chain.maps import Conv
from edgelearn.systems.chain.op import Op
from edgelearn.types import F32

Maker = Callable[[int, Mapping[str, Any]], list[Op]]  # (units, settings of the neuron) -> operations


def _triangle(units: int, settings: Mapping[str, Any]) -> list[Op]:
    power = settings["power"]
    return [Triangle(units)] if power == 1 else [Triangle(units), Power(power)]


UNITS: dict[str, Maker] = {
    "linear": lambda _units, _settings: [],
    "relu": lambda _units, _settings: [Pointwise("relu")],
    "tanh": lambda _units, _settings: [Pointwise("tanh")],
    "softmax": lambda units, settings: [Softmax(units, settings["t"])],
    "triangle": _triangle,
    "k_winners": lambda units, settings: [KWinners(units, int(settings["k"]))],
}


def of_layer(layer: Layer, name: str = "the layer") -> list[Op]:
    """Return what ``layer`` computes; raises ConfigError, by ``name``, for one that met no sample yet.

    Raises UnsupportedError as `of_settings`.
    """
    if layer.n_pre is None:
        raise ConfigError(f"{name} met no sample yet, so it has no weights: let it learn first")
    return of_settings(layer.config(), layer.w, name)


def of_settings(settings: Mapping[str, Any], w: F32, name: str = "the layer") -> list[Op]:
    """Return what a layer with these settings (`Layer.config`) and weights computes.

    Raises UnsupportedError for units with memory, or whose output is a code for one signal alone.
    """
    units, seen = int(settings["n_post"]), settings["code"] or settings["neuron"]
    if seen["name"] not in UNITS:
        raise UnsupportedError(
            f"{name} has neuron {seen['name']}, which is no function of its drive that a network without time can say; "
            f"give the layer a code ({', '.join(UNITS)}), or keep it in the learner, above what is frozen"
        )
    if settings["steps"] > 1:
        raise UnsupportedError(
            f"{name} shows a sample {settings['steps']} time steps long, which a network without time cannot say; make "
            "it with steps=1, which gives the same to units without memory"
        )
    return [_drive(settings, w), *UNITS[seen["name"]](units, seen)]


def _drive(settings: Mapping[str, Any], w: F32) -> Op:
    if settings["kind"] == "dense":
        return Dense(w)
    height, width, channels = settings["shape"]
    kernel, stride, padding = (int(settings[key]) for key in ("kernel", "stride", "padding"))
    return Conv(w, (height, width, channels), kernel, stride, padding, settings["border"])
