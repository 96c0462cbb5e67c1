"""Steps along the gradient, with or without momentum."""

from typing import ClassVar

import numpy as np

from nn.optim.groups import Parameters
from nn.optim.optimizer import Array, Optimizer, Settings, State, moving_average
from nn.optim.ranges import Ranges, non_negative, pair_of_fractions, real, switch

__all__ = ["SGD", "Lion"]


class SGD(Optimizer):
    """Stochastic gradient descent, optionally with (Nesterov) momentum.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-3
        The learning rate α.
    momentum : float, default 0
        μ, how much of the last step is taken again; 0.9 is usual.
    dampening : float, default 0
        τ, how much less the gradient counts where there is momentum.
    weight_decay : float, default 0
        λ, which adds λw to the gradient, as a penalty λ/2 Σw² would.
    nesterov : bool, default False
        Whether to look ahead along the momentum.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range, or ``nesterov`` is asked for without
        momentum or with dampening.

    Notes
    -----
    Formula, for a gradient g of the cost plus λw::

        w ← w - α g                              without momentum
        b ← μ b + (1 - τ) g;  w ← w - α b        with momentum (b = g at first)
        b ← μ b + g;  w ← w - α (g + μ b)        Nesterov

    References
    ----------
    B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964;
    I. Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0])
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 0.8, -1.6])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "momentum": non_negative,
        "dampening": real,
        "weight_decay": non_negative,
        "nesterov": switch,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
        )

    def check(self, h: Settings) -> None:
        """Raise ValueError for Nesterov without momentum, or with dampening."""
        if h["nesterov"] and (h["momentum"] == 0 or h["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov=True needs momentum above 0 and dampening=0, got "
                f"momentum={h['momentum']} and dampening={h['dampening']}."
            )

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``momentum_buffer`` where there is momentum."""
        return {"momentum_buffer": 0.0} if h["momentum"] else {}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        mu = h["momentum"]
        if mu:
            b = s["momentum_buffer"]
            b *= mu
            b += g if s["step"] == 1 else (1 - h["dampening"]) * g
            g = g + mu * b if h["nesterov"] else b
        w -= h["lr"] * g


class Lion(Optimizer):
    """Steps of one size in the direction of the sign of a moving average.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-4
        The learning rate α: every weight moves by it. A third to a tenth of `AdamW`'s.
    betas : (float, float), default (0.9, 0.99)
        β₁, the decay in the direction, and β₂, the decay of the average.
    weight_decay : float, default 0
        λ, by which weights shrink apart from the gradient. Three to ten times
        `AdamW`'s.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range.

    Notes
    -----
    Formula::

        w ← w - αλ w
        w ← w - α sign(β₁ m + (1 - β₁) g)
        m ← β₂ m + (1 - β₂) g

    The sign of 0 is 0.

    References
    ----------
    X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.Lion([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.9, -19.9])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "betas": pair_of_fractions,
        "weight_decay": non_negative,
    }
    decoupled = True

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay)

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``exp_avg``, the moving average."""
        return {"exp_avg": 0.0}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        beta1, beta2 = h["betas"]
        m = s["exp_avg"]
        w -= h["lr"] * np.sign(beta1 * m + (1 - beta1) * g)
        moving_average(m, g, beta2)
