"""Steps divided by the size that the gradients of each weight have had."""

from typing import ClassVar

import numpy as np

from nn.optim.groups import Parameters
from nn.optim.optimizer import Array, Optimizer, Settings, State, moving_average
from nn.optim.ranges import Ranges, non_negative, positive, proportion, switch

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


class Adagrad(Optimizer):
    """Divide by the root of the sum of all squared gradients so far.

    Weights whose gradient is seldom not 0 take large steps; all steps shrink.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-2
        The learning rate α.
    lr_decay : float, default 0
        η, by which the learning rate falls as well.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.
    initial_accumulator_value : float, default 0
        What the sum starts from.
    eps : float, default 1e-10
        ε, against division by 0.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula in step t = 1, 2, ...::

        G ← G + g²
        w ← w - α / (1 + (t - 1) η) · g / (√G + ε)

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning
    and stochastic optimization", JMLR 12, 2011.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.9, -19.9])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "lr_decay": non_negative,
        "weight_decay": non_negative,
        "initial_accumulator_value": non_negative,
        "eps": positive,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``sum``, of the squared gradients."""
        return {"sum": h["initial_accumulator_value"]}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        total, t = s["sum"], s["step"]
        total += g * g
        lr = h["lr"] / (1 + (t - 1) * h["lr_decay"])
        w -= lr * g / (np.sqrt(total) + h["eps"])


class Adadelta(Optimizer):
    """Divide by the size of recent gradients, multiply by that of recent steps.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1.0
        The learning rate α; the paper has none.
    rho : float, default 0.9
        ρ, the decay of both averages.
    eps : float, default 1e-6
        ε, which makes the first steps possible.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula::

        v ← ρ v + (1 - ρ) g²
        Δ = √(u + ε) / √(v + ε) · g
        u ← ρ u + (1 - ρ) Δ²
        w ← w - α Δ

    References
    ----------
    M. Zeiler, "Adadelta: an adaptive learning rate method", 2012.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(5)
    array([  0.99684, -19.99684])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "rho": proportion,
        "eps": positive,
        "weight_decay": non_negative,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``square_avg`` of gradients and ``acc_delta`` of steps."""
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        v, u, eps = s["square_avg"], s["acc_delta"], h["eps"]
        moving_average(v, g * g, h["rho"])
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        moving_average(u, delta * delta, h["rho"])
        w -= h["lr"] * delta


class RMSprop(Optimizer):
    """Divide by the root of a moving average of squared gradients.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-2
        The learning rate α.
    alpha : float, default 0.99
        ρ, the decay of the averages.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.
    momentum : float, default 0
        μ, how much of the last step is taken again.
    centered : bool, default False
        Whether to divide by the standard deviation of the gradients, not their size.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula; without ``centered`` a = 0, without momentum μ = 0::

        v ← ρ v + (1 - ρ) g²
        a ← ρ a + (1 - ρ) g
        b ← μ b + g / (√(v - a²) + ε)
        w ← w - α b

    Rounding can make v - a² less than 0; it then counts as 0.

    References
    ----------
    T. Tieleman and G. Hinton, "Lecture 6.5 - RMSprop", 2012; A. Graves, "Generating
    sequences with recurrent neural networks", 2013 (centered).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(5)
    array([  0.9, -19.9])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "alpha": proportion,
        "eps": positive,
        "weight_decay": non_negative,
        "momentum": non_negative,
        "centered": switch,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
        )

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``square_avg``, and ``grad_avg``, ``momentum_buffer`` where used."""
        kept = {"square_avg": 0.0}
        if h["centered"]:
            kept["grad_avg"] = 0.0
        if h["momentum"]:
            kept["momentum_buffer"] = 0.0
        return kept

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        v = s["square_avg"]
        moving_average(v, g * g, h["alpha"])
        if h["centered"]:
            a = s["grad_avg"]
            moving_average(a, g, h["alpha"])
            v = np.maximum(v - a * a, 0)
        step = g / (np.sqrt(v) + h["eps"])
        if h["momentum"]:
            b = s["momentum_buffer"]
            b *= h["momentum"]
            b += step
            step = b
        w -= h["lr"] * step
