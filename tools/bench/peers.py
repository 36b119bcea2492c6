"""The peers, made ready: only the environment of the peers can import what is inside these functions."""

from functools import cache
from importlib import metadata
from typing import Any

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
