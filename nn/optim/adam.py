"""Adam and its variant with weight decay apart from the gradient."""

from typing import Any, ClassVar

import numpy as np

from nn.optim.groups import Parameters
from nn.optim.optimizer import Array, Optimizer, Settings, State, moving_average
from nn.optim.ranges import (
    Check,
    Ranges,
    non_negative,
    pair_of_fractions,
    positive,
    switch,
)

__all__ = ["Adam", "AdamW"]

_RANGES: dict[str, Check] = {
    "lr": non_negative,
    "betas": pair_of_fractions,
    "eps": positive,
    "weight_decay": non_negative,
    "amsgrad": switch,
}


class Adam(Optimizer):
    """Moving averages of the gradient and of its square: direction and size of steps.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-3
        The learning rate α, about the largest change of a weight in a step.
    betas : (float, float), default (0.9, 0.999)
        β₁ and β₂, the decays of the two averages.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.
    amsgrad : bool, default False
        Whether to divide by the largest average so far, so that steps do not grow.
    decoupled_weight_decay : bool, default False
        Whether λ shrinks the weights apart from the gradient, as in `AdamW`.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula in step t = 1, 2, ...::

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        w ← w - α m̂ / (√v̂ + ε)    where m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)

    Both averages start from 0; dividing by 1 - βᵗ makes up for that.

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015;
    S. Reddi et al., "On the convergence of Adam and beyond", ICLR 2018 (amsgrad).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.9, -19.9])
    """

    ranges: ClassVar[Ranges] = {
        **_RANGES,
        "decoupled_weight_decay": switch,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        decoupled_weight_decay: bool = False,
    ) -> None:
        settings: dict[str, Any] = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, **{name: settings[name] for name in self.ranges})

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``exp_avg``, ``exp_avg_sq`` and, for amsgrad, ``max_exp_avg_sq``."""
        kept = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
        return kept | {"max_exp_avg_sq": 0.0} if h["amsgrad"] else kept

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        beta1, beta2 = h["betas"]
        m, v, t = s["exp_avg"], s["exp_avg_sq"], s["step"]
        moving_average(m, g, beta1)
        moving_average(v, g * g, beta2)
        if h["amsgrad"]:
            v = np.maximum(s["max_exp_avg_sq"], v, out=s["max_exp_avg_sq"])
        size = np.sqrt(v / (1 - beta2**t)) + h["eps"]
        w -= h["lr"] / (1 - beta1**t) * m / size


class AdamW(Adam):
    """`Adam` whose weight decay does not pass through the division by √v̂.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-3
        The learning rate α, about the largest change of a weight in a step.
    betas : (float, float), default (0.9, 0.999)
        β₁ and β₂, the decays of the two averages.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 1e-2
        λ, by which weights shrink.
    amsgrad : bool, default False
        Whether to divide by the largest average so far, so that steps do not grow.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula: first w ← w - αλ w, then a step of `Adam`.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.85, -18.9 ])
    """

    ranges: ClassVar[Ranges] = _RANGES
    decoupled = True

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)
