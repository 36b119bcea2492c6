"""The peers, made ready: only the environment of the peers can import what is inside these functions."""

import ctypes
import sys
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from types import ModuleType
from typing import Any

THETA_PLUS = 0.05  # mV a spike
_KEEP = {-1: 1 << 30, -3: 1 << 30}  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of mallopt(3): bytes
_UNUSED = ("nms", "qnms")  # operators of torchvision that its import asks for


def one_thread() -> Any:
    """Return torch, kept to one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def streaming_lda(n_features: int, n_classes: int) -> Any:
    """Return Avalanche's StreamingLDA on features that come as they are."""
    torch = one_thread()
    _declare_operators(torch)
    from avalanche.training.supervised.deep_slda import StreamingLDA

    return StreamingLDA(
        slda_model=torch.nn.Identity(),
        criterion=torch.nn.CrossEntropyLoss(),
        input_size=n_features,
        num_classes=n_classes,
    )


def diehl_cook(n_pre: int, n_post: int) -> Any:
    """Return BindsNET's DiehlAndCook2015 with the constants of its MNIST example."""
    _declare_operators(one_thread())
    _without_its_head("bindsnet")
    from bindsnet.models import DiehlAndCook2015

    return DiehlAndCook2015(n_pre, n_post, exc=22.5, inh=120, norm=0.1 * n_pre, theta_plus=THETA_PLUS)


def keep_memory() -> None:
    """Let glibc keep freed memory for the next call, which spares a peer its page faults; elsewhere do nothing."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for parameter, value in _KEEP.items():
            libc.mallopt(parameter, value)


def _without_its_head(name: str) -> None:
    """Make a package importable by its parts, without the imports at its head.

    BindsNET 0.2.7 imports gym, OpenCV and more there, and a module that torch no longer has; its models need none.
    """
    spec = find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = package


@cache
def _declare_operators(torch: Any) -> Any:
    """Let torchvision be imported beside a CPU build of torch for which it was not built.

    Avalanche imports torchvision for its data sets; StreamingLDA calls nothing of it. Its compiled operators
    do not load then, and its import stops at their missing names: they are declared, not defined. Torch
    forgets them with the library, so that is kept.
    """
    if "+cpu" not in torch.__version__ or "+cpu" in metadata.version("torchvision"):
        return None
    library = torch.library.Library("torchvision", "DEF")
    for name in _UNUSED:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
