"""An image file as an array; the only import of Pillow."""

import struct
import warnings
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from edgelearn.errors import InputError, MissingExtraError
from edgelearn.types import Array

Channels: TypeAlias = Literal[1, 3]


def need_pillow() -> None:
    """Raise MissingExtraError unless Pillow is installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "images need Pillow; install it with: pip install 'edgelearn[images]'"
        ) from None


def read_picture(path: Path, channels: Channels = 3) -> Array:
    """Return (height, width, 3) uint8 RGB, or (height, width) grey; raises InputError for what is no image."""
    need_pillow()
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return np.asarray(image.convert("RGB" if channels == 3 else "L"))
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{path} is too large an image: {error}") from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
    ) as error:  # what broken files raise there
        raise InputError(f"{path} is not an image that can be read: {error}") from error
