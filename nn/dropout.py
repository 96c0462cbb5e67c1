"""Dropout: noise in training that keeps units from relying on each other."""

import math
from typing import Any

import numpy as np

from autograd import Tensor, dropout
from nn.checks import require_axes, shape_of
from nn.module import Module
from nn.parameter import require_rng

__all__ = ["AlphaDropout", "Dropout", "Dropout2d"]


class _DropoutBase(Module):
    """What dropout layers share: a probability and a generator."""

    def __init__(
        self, p: float = 0.5, *, rng: np.random.Generator | None = None
    ) -> None:
        name = type(self).__name__
        if not 0 <= p <= 1:
            raise ValueError(f"{name}: p must be a probability from 0 to 1, got {p}.")
        self.p = p
        self.rng = require_rng(name, rng)

    @property
    def is_active(self) -> bool:
        """Whether the layer does anything now."""
        return self.training and self.p > 0

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.p}"


class Dropout(_DropoutBase):
    """Set elements to 0 at random in training, and scale the others up.

    Parameters
    ----------
    p : float, default 0.5
        The probability of an element to become 0.
    rng : Generator, keyword only
        Where the random numbers are drawn from, at every call in training.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x · mask with a mask of 0 and 1 / (1 - p), whose mean is 1; after
    ``eval()`` y = x.

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Dropout(0.5, rng=np.random.default_rng(1))
    >>> layer(np.ones(6)).tolist()
    [2.0, 2.0, 0.0, 2.0, 0.0, 0.0]
    >>> layer.eval()(np.ones(6)).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    def forward(self, x: Any) -> Any:
        """Return the input with elements set to 0, in training."""
        return dropout(x, self.p, self.training, rng=self.rng)


class Dropout2d(_DropoutBase):
    """Set whole channels of images to 0 at random in training.

    Neighbouring pixels are much alike, so that dropping single ones hides nothing.

    Parameters
    ----------
    p : float, default 0.5
        The probability of a channel to become 0.
    rng : Generator, keyword only
        Where the random numbers are drawn from, at every call in training.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result of the same shape.

    Formula: as `Dropout`, with one number of the mask for each channel of each image.

    References
    ----------
    J. Tompson et al., "Efficient object localization using convolutional networks",
    CVPR 2015.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Dropout2d(0.5, rng=np.random.default_rng(1))
    >>> layer(np.ones((4, 1, 2))).tolist()
    [[[2.0, 2.0]], [[2.0, 2.0]], [[0.0, 0.0]], [[2.0, 2.0]]]
    """

    def forward(self, x: Any) -> Any:
        """Return the input with channels set to 0, in training."""
        require_axes(x, 3, 4, what="channels, height and width, maybe a batch")
        if not self.is_active:
            return x
        channels = np.ones((*shape_of(x)[:-2], 1, 1), x.dtype)
        return x * dropout(channels, self.p, rng=self.rng)


class AlphaDropout(_DropoutBase):
    """Dropout for `SELU` networks: mean and variance stay as they are.

    Parameters
    ----------
    p : float, default 0.5
        The probability of an element to be replaced.
    rng : Generator, keyword only
        Where the random numbers are drawn from, at every call in training.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = a (x · kept + α' · (1 - kept)) + b, where α' = -λα ≈ -1.7581 is the
    limit of selu at -∞, a = 1 / √((1 - p) (1 + p α'²)) and b = -a p α'.

    References
    ----------
    G. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017, section 3.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.AlphaDropout(0.5, rng=np.random.default_rng(1))
    >>> layer(np.zeros(4)).round(4).tolist()
    [0.7792, 0.7792, -0.7792, 0.7792]
    """

    def forward(self, x: Any) -> Any:
        """Return the input with elements replaced, in training."""
        if not self.is_active:
            return x
        if self.p == 1:
            return x * 0.0
        limit = -1.7580993408473766
        a = 1 / math.sqrt((1 - self.p) * (1 + self.p * limit**2))
        dtype = x.dtype if isinstance(x, Tensor | np.ndarray) else np.dtype(np.float64)
        kept = (self.rng.random(shape_of(x)) >= self.p).astype(dtype)
        shift = (a * limit * (1 - kept - self.p)).astype(dtype)
        return x * (a * kept) + shift
