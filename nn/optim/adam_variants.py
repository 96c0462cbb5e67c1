"""Adamax, NAdam and RAdam: other sizes, momentum and beginnings for Adam's steps."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from nn.optim.groups import Parameters
from nn.optim.optimizer import Array, Optimizer, Settings, State, moving_average
from nn.optim.ranges import Ranges, non_negative, pair_of_fractions, positive, switch

__all__ = ["Adamax", "NAdam", "RAdam"]


class Adamax(Optimizer):
    """`Adam` that divides by the largest recent gradient in place of the average.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 2e-3
        The learning rate α.
    betas : (float, float), default (0.9, 0.999)
        β₁, the decay of the average, and β₂, the decay of the maximum.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula in step t = 1, 2, ...::

        m ← β₁ m + (1 - β₁) g
        u ← max(β₂ u, |g| + ε)
        w ← w - α / (1 - β₁ᵗ) · m / u

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    section 7.1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.9, -19.9])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "betas": pair_of_fractions,
        "eps": positive,
        "weight_decay": non_negative,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``exp_avg`` and ``exp_inf``."""
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        beta1, beta2 = h["betas"]
        m, u, t = s["exp_avg"], s["exp_inf"], s["step"]
        moving_average(m, g, beta1)
        np.maximum(beta2 * u, np.abs(g) + h["eps"], out=u)
        w -= h["lr"] / (1 - beta1**t) * m / u


class NAdam(Optimizer):
    """`Adam` with Nesterov momentum: it looks ahead along the moving average.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 2e-3
        The learning rate α.
    betas : (float, float), default (0.9, 0.999)
        β₁ and β₂, the decays of the two averages.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.
    momentum_decay : float, default 4e-3
        ψ, how slowly the momentum grows from β₁ / 2 to β₁.
    decoupled_weight_decay : bool, default False
        Whether λ shrinks the weights apart from the gradient, as in `AdamW`.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula in step t = 1, 2, ..., with μₜ = β₁ (1 - 0.96^(tψ) / 2)::

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        m̂ = (1 - μₜ) g / (1 - μ₁…μₜ) + μₜ₊₁ m / (1 - μ₁…μₜ₊₁)
        w ← w - α m̂ / (√v̂ + ε)    where v̂ = v / (1 - β₂ᵗ)

    References
    ----------
    T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([  0.894355, -19.894355])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "betas": pair_of_fractions,
        "eps": positive,
        "weight_decay": non_negative,
        "momentum_decay": non_negative,
        "decoupled_weight_decay": switch,
    }
    counters: ClassVar[Mapping[str, int | float]] = {"step": 0, "mu_product": 1.0}

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``exp_avg`` and ``exp_avg_sq``; the counter ``mu_product`` is Πμ."""
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def advance(self, s: State, h: Settings) -> None:
        """Count the step and multiply the momenta."""
        super().advance(s, h)
        s["mu_product"] *= _momentum(s["step"], h)

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        beta1, beta2 = h["betas"]
        m, v, t = s["exp_avg"], s["exp_avg_sq"], s["step"]
        mu, mu_next, product = _momentum(t, h), _momentum(t + 1, h), s["mu_product"]
        moving_average(m, g, beta1)
        moving_average(v, g * g, beta2)
        ahead = (1 - mu) / (1 - product) * g + mu_next / (1 - product * mu_next) * m
        w -= h["lr"] * ahead / (np.sqrt(v / (1 - beta2**t)) + h["eps"])


def _momentum(t: int, h: Settings) -> float:
    """Return μₜ of `NAdam`."""
    beta1: float = h["betas"][0]
    decay: float = 0.96 ** (t * h["momentum_decay"])
    return beta1 * (1 - 0.5 * decay)


class RAdam(Optimizer):
    """`Adam` that begins with plain momentum, until √v̂ can be relied on.

    Parameters
    ----------
    params : iterable
        Parameters, named parameters or groups; see `Optimizer`.
    lr : float, default 1e-3
        The learning rate α.
    betas : (float, float), default (0.9, 0.999)
        β₁ and β₂, the decays of the two averages.
    eps : float, default 1e-8
        ε, against division by 0.
    weight_decay : float, default 0
        λ, which adds λw to the gradient.
    decoupled_weight_decay : bool, default False
        Whether λ shrinks the weights apart from the gradient, as in `AdamW`.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range; ``eps`` must be above 0.

    Notes
    -----
    Formula in step t = 1, 2, ..., with m, v and m̂ of `Adam`; ρₜ is over how many steps
    v is an average::

        ρ∞ = 2 / (1 - β₂) - 1,  ρₜ = ρ∞ - 2t β₂ᵗ / (1 - β₂ᵗ)
        w ← w - α m̂                                     where ρₜ ≤ 5
        w ← w - α m̂ · r √(1 - β₂ᵗ) / (√v + ε)           after that, with
        r² = (ρₜ - 4)(ρₜ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρₜ)

    References
    ----------
    L. Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR
    2020.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -20.0])
    >>> optimizer = optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([  0.8, -16. ])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "betas": pair_of_fractions,
        "eps": positive,
        "weight_decay": non_negative,
        "decoupled_weight_decay": switch,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def kept(self, h: Settings) -> dict[str, float]:
        """Return ``exp_avg`` and ``exp_avg_sq``."""
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step."""
        beta1, beta2 = h["betas"]
        m, v, t = s["exp_avg"], s["exp_avg_sq"], s["step"]
        moving_average(m, g, beta1)
        moving_average(v, g * g, beta2)
        lr, correction = h["lr"] / (1 - beta1**t), 1 - beta2**t
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / correction
        if rho <= 5:
            w -= lr * m
        else:
            r2 = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
            w -= lr * math.sqrt(r2 * correction) * m / (np.sqrt(v) + h["eps"])
