"""An image file as an array; the only import of Pillow."""

import struct
import warnings
from pathlib import Path

import numpy as np

from edgelearn.errors import InputError, MissingExtraError
from edgelearn.types import Array


def need_pillow() -> None:
    """Raise MissingExtraError unless Pillow is installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "images need Pillow; install it with: pip install 'edgelearn[images]'"
        ) from None


def read_picture(path: Path) -> Array:
    """Return the pixels (height, width, 3) uint8 RGB; raises InputError unless a whole image is there."""
    need_pillow()
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return np.asarray(image.convert("RGB"))
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
