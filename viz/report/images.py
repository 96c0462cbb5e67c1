"""Arrays as small images, in the PNG format, to stand inside a page."""

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["image_url", "is_image"]

_GREY, _COLOUR = 0, 2  # colour types of the format
_MOST_PIXELS = 100_000


def is_image(sample: npt.NDArray[Any]) -> bool:
    """Return whether a sample has the shape of an image: (H, W), (1, H, W), (3, H, W).

    Examples
    --------
    >>> is_image(np.zeros((3, 8, 8))), is_image(np.zeros(64))
    (True, False)
    """
    is_map = sample.ndim == 2 or (sample.ndim == 3 and sample.shape[0] in (1, 3))
    return is_map and 0 < sample.size <= _MOST_PIXELS


def image_url(sample: npt.NDArray[Any], low: float, high: float) -> str:
    """Return an image as a ``data:`` address: ``low`` is black, ``high`` is white.

    Examples
    --------
    >>> image_url(np.eye(2), 0.0, 1.0)[:22]
    'data:image/png;base64,'
    """
    scaled = (sample.astype(np.float64) - low) / ((high - low) or 1.0)
    levels = np.clip(np.nan_to_num(255 * scaled), 0, 255).round().astype(np.uint8)
    if levels.ndim == 3:
        levels = np.moveaxis(levels, 0, -1)
    height, width = levels.shape[:2]
    colour = _COLOUR if levels.shape[2:] == (3,) else _GREY
    # Each row begins with the number of its filter: 0 is none.
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    # Level 0 stores: compressed bytes would depend on the version of the library.
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(rows, 0)),
            (b"IEND", b""),
        )
    )
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
