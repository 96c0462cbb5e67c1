"""What a drawing writes over a layer: what it is, and its sizes."""

from typing import Any

__all__ = ["caption"]

# The attributes with the sizes of what comes in and what goes out.
_SIZES = (
    ("in_features", "out_features"),
    ("in_channels", "out_channels"),
    ("input_size", "hidden_size"),
    ("num_embeddings", "embedding_dim"),
)


def caption(module: Any) -> str:
    """Return the class of a module with its sizes and settings.

    Examples
    --------
    >>> import nn, numpy as np
    >>> from nn.caption import caption
    >>> rng = np.random.default_rng(0)
    >>> for layer in (
    ...     nn.Linear(2, 16, rng=rng),
    ...     nn.Conv2d(1, 4, 3, padding=1, rng=rng),
    ...     nn.MaxPool2d((2, 1)),
    ...     nn.Dropout(0.1, rng=rng),
    ...     nn.Sigmoid(),
    ... ):
    ...     print(caption(layer))
    Linear 2 → 16
    Conv2d 1 → 4, 3×3, padding=1
    MaxPool2d 2×1
    Dropout 0.1
    Sigmoid
    """
    parts = [*_sizes(module), *_kernel(module)]
    try:
        settings = module.extra_repr()
    except Exception:  # a computation must not fail because of its drawing
        settings = ""
    for size in _as_written(module):
        settings = settings.removeprefix(size).removeprefix(", ")
    parts += [settings] if settings else []
    return f"{type(module).__name__} {', '.join(parts)}".rstrip()


def _sizes(module: Any) -> list[str]:
    return [f"{before} → {after}" for before, after in _pairs(module)]


def _kernel(module: Any) -> list[str]:
    kernel = getattr(module, "kernel_size", None)
    return ["×".join(map(str, kernel))] if isinstance(kernel, tuple) else []


def _as_written(module: Any) -> list[str]:
    """Return how `extra_repr` begins where it tells these sizes."""
    written = [f"{before}, {after}" for before, after in _pairs(module)]
    kernel = getattr(module, "kernel_size", None)
    if isinstance(kernel, tuple):
        short = kernel[0] if len(set(kernel)) == 1 else kernel
        written += [f"kernel_size={short}", str(short)]
    return written


def _pairs(module: Any) -> list[tuple[int, int]]:
    pairs = [tuple(getattr(module, name, None) for name in names) for names in _SIZES]
    return [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
