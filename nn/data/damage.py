"""What the readers of files share: how damage is reported, and a limit of size."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["damage_named", "require_reasonable_size"]

ALWAYS_ALLOWED = 2 * 2**30
RATIO_ALLOWED = 4


@contextmanager
def damage_named(
    path: str | os.PathLike[str], *signs: type[Exception]
) -> Iterator[None]:
    """Turn a ValueError and other signs of damage into a ValueError with the path."""
    damage: tuple[type[Exception], ...] = (ValueError, *signs)
    try:
        yield
    except MemoryError:
        raise
    except damage as error:
        problem = str(error) or type(error).__name__
        raise ValueError(f"{os.fspath(path)}: {problem}") from error


def require_reasonable_size(declared: int, on_disk: int) -> None:
    """Raise before memory is reserved for what a compressed file claims to hold.

    A compressed megabyte can become a gigabyte.
    """
    if declared > max(ALWAYS_ALLOWED, RATIO_ALLOWED * on_disk):
        raise ValueError(
            f"it claims {declared:,} bytes of data in a compressed file of "
            f"{on_disk:,}. Decompress it by hand if that is meant."
        )
