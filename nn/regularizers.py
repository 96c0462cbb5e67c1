"""What keeps weights small: penalties in the cost, limits on weights and on gradients.

`L1`, `L2` and `ElasticNet` are terms of the cost, nodes of the graph like any other:

    cost = loss(model(x), y) + L2(0.7, samples=m)(model)

`max_norm` and `decay_weights` change weights in place after a step; `clip_grad_norm`
and `clip_grad_value` change gradients in place before one.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import NonFiniteError, Tensor, scope
from nn.module import Module

__all__ = [
    "L1",
    "L2",
    "ElasticNet",
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value",
    "clip_grad_value_",
    "decay_weights",
    "max_norm",
]

Parameters = Module | Tensor | Iterable[Tensor]


def _listed(parameters: Parameters) -> list[Tensor]:
    if isinstance(parameters, Module):
        return list(parameters.parameters())
    return [parameters] if isinstance(parameters, Tensor) else list(parameters)


def _weights(owner: str, parameters: Parameters) -> list[Tensor]:
    """Return the weights of a model, without biases, or the tensors that were given."""
    found = _listed(parameters)
    if isinstance(parameters, Module):
        found = [p for p in found if p.ndim > 1 and p.requires_grad]
    if not found:
        raise ValueError(f"{owner}: there are no weights to work on.")
    return found


class _Penalty:
    """A term of the cost: a factor times a sum over all weights."""

    def __init__(self, strength: float, samples: int | None = None) -> None:
        name = type(self).__name__
        if not strength >= 0:
            raise ValueError(f"{name}: strength must not be negative, got {strength}.")
        if samples is not None and samples < 1:
            raise ValueError(f"{name}: samples must be at least 1, got {samples}.")
        self.strength = strength
        self.samples = samples

    @property
    def factor(self) -> float:
        """What the sum is multiplied by: λ, or λ / 2m if ``samples`` was given."""
        return (
            self.strength
            if self.samples is None
            else self.strength / (2 * self.samples)
        )

    def __call__(self, parameters: Parameters) -> Tensor:
        """Return the penalty."""
        weights = _weights(type(self).__name__, parameters)
        with scope(type(self).__name__):
            total = self.size(weights[0])
            for weight in weights[1:]:
                total = total + self.size(weight)
            return total * self.factor

    def size(self, weight: Tensor) -> Tensor:
        """Return what one tensor contributes."""
        raise NotImplementedError

    def __repr__(self) -> str:
        samples = "" if self.samples is None else f", samples={self.samples}"
        return f"{type(self).__name__}({self.strength}{samples})"


class L1(_Penalty):
    """The sum of absolute values, which drives weights to exactly 0.

    Parameters
    ----------
    strength : float
        λ, how much the penalty counts.
    samples : int, optional
        m, the number of samples; with it the factor is λ / 2m in place of λ.

    Notes
    -----
    Formula: λ Σ |w|, or λ / 2m Σ |w|; the gradient is λ sign(w), 0 at w = 0.

    Called with a module it takes the parameters with two or more axes that are trained,
    that is weights and not biases; called with tensors it takes them all.

    References
    ----------
    R. Tibshirani, "Regression shrinkage and selection via the lasso", 1996.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([1.0, -2.0])
    >>> nn.L1(0.1)(w).backward()
    >>> w.grad
    array([ 0.1, -0.1])
    """

    def size(self, weight: Tensor) -> Tensor:
        """Return the sum of absolute values."""
        return np.sum(np.abs(weight))  # type: ignore[no-any-return]


class L2(_Penalty):
    """The sum of squares, which keeps weights small and spread out.

    Parameters
    ----------
    strength : float
        λ, how much the penalty counts.
    samples : int, optional
        m, the number of samples; with it the factor is λ / 2m in place of λ.

    Notes
    -----
    Formula: λ Σ w², or λ / 2m Σ w², whose gradient is (λ / m) w.  The optimisers'
    ``weight_decay=d`` has the same gradient as ``L2(d / 2)``.

    Called with a module it takes the parameters with two or more axes that are trained,
    that is weights and not biases; called with tensors it takes them all.

    References
    ----------
    A. Krogh and J. Hertz, "A simple weight decay can improve generalization", 1991.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([[1.0, -2.0]])
    >>> cost = nn.L2(0.7, samples=7)(w)
    >>> cost.backward()
    >>> round(cost.item(), 6), w.grad
    (0.25, array([[ 0.1, -0.2]]))
    """

    def size(self, weight: Tensor) -> Tensor:
        """Return the sum of squares."""
        return np.sum(np.square(weight))  # type: ignore[no-any-return]


class ElasticNet:
    """Both penalties: `L1` picks weights, `L2` shares among those that go together.

    Parameters
    ----------
    l1, l2 : float
        The strengths of the two.
    samples : int, optional
        m, the number of samples; with it both factors are λ / 2m in place of λ.

    Notes
    -----
    Formula: λ₁ Σ |w| + λ₂ Σ w², both divided by 2m if ``samples`` was given.

    References
    ----------
    H. Zou and T. Hastie, "Regularization and variable selection via the elastic net",
    2005.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.ElasticNet(0.5, 0.25)(Tensor([2.0, -4.0])).item()
    8.0
    """

    def __init__(self, l1: float, l2: float, samples: int | None = None) -> None:
        self.l1 = L1(l1, samples)
        self.l2 = L2(l2, samples)

    def __call__(self, parameters: Parameters) -> Tensor:
        """Return the sum of both penalties."""
        tensors = _weights("ElasticNet", parameters)
        with scope("ElasticNet"):
            return self.l1(tensors) + self.l2(tensors)

    def __repr__(self) -> str:
        samples = "" if self.l1.samples is None else f", samples={self.l1.samples}"
        return f"ElasticNet({self.l1.strength}, {self.l2.strength}{samples})"


def max_norm(parameters: Parameters, limit: float) -> None:
    """Shrink, in place, the weights into each unit to a norm of at most ``limit``.

    Parameters
    ----------
    parameters : Module, Tensor or iterable of Tensor
        Weights of shape (out, in, ...): one unit is one index of the first axis.  Of a
        module, the parameters with two or more axes that are trained.
    limit : float
        The largest norm that is left as it is.

    Raises
    ------
    ValueError
        If ``limit`` is not positive, or a tensor has fewer than two axes.

    References
    ----------
    N. Srivastava et al., "Dropout", JMLR 15, 2014, section 5.1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([[3.0, 4.0], [0.3, 0.4]])
    >>> nn.max_norm(w, 1.0)
    >>> w
    Tensor([[0.6, 0.8],
            [0.3, 0.4]])
    """
    weights = _weights("max_norm", parameters)
    if not limit > 0:
        raise ValueError(f"max_norm: limit must be positive, got {limit}.")
    for weight in weights:
        if weight.ndim < 2:
            raise ValueError(
                f"max_norm: {weight.name or 'a tensor'} of shape {weight.shape} has no "
                f"axis of inputs. Weights have shape (out, in, ...)."
            )
    for weight in weights:
        axes = tuple(range(1, weight.ndim))
        norms = np.sqrt(np.sum(weight.data**2, axis=axes, keepdims=True))
        weight.data = weight.data * (limit / np.maximum(norms, limit))


def decay_weights(parameters: Parameters, rate: float) -> None:
    """Multiply weights in place by ``1 - rate``: weight decay apart from the gradient.

    Call it once a step with ``rate = lr * weight_decay``.  Unlike `L2` it does not pass
    through the scaling of an adaptive optimiser.

    Parameters
    ----------
    parameters : Module, Tensor or iterable of Tensor
        Of a module, the parameters with two or more axes that are trained.
    rate : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If ``rate`` is not from 0 to 1.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([[10.0, -20.0]])
    >>> nn.decay_weights(w, 0.1)
    >>> w
    Tensor([[  9., -18.]])
    """
    weights = _weights("decay_weights", parameters)
    if not 0 <= rate <= 1:
        raise ValueError(f"decay_weights: rate must be from 0 to 1, got {rate}.")
    for weight in weights:
        weight.data = weight.data * (1 - rate)


def clip_grad_norm(
    parameters: Parameters,
    max_norm: float,
    norm_type: float = 2.0,
    *,
    error_if_nonfinite: bool = True,
) -> float:
    """Scale all gradients by one factor: their joint norm becomes at most a limit.

    Parameters
    ----------
    parameters : Module, Tensor or iterable of Tensor
        Those without a gradient are left out.
    max_norm : float
        The largest norm that is left as it is.
    norm_type : float, default 2.0
        The exponent p of the norm; ``np.inf`` for the largest absolute value.
    error_if_nonfinite : bool, default True
        Whether a NaN or an infinity among the gradients is an error.

    Returns
    -------
    float
        The norm before clipping.

    Raises
    ------
    NonFiniteError
        If a gradient holds NaN or an infinity; no gradient was changed.
    ValueError
        If ``max_norm`` is negative.

    Notes
    -----
    Formula: g ← g · min(1, max_norm / (‖g‖ + 1e-6)), as PyTorch.

    References
    ----------
    R. Pascanu et al., "On the difficulty of training recurrent neural networks", 2013.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([1.0, 1.0])
    >>> (w * [3.0, 4.0]).sum().backward()
    >>> nn.clip_grad_norm(w, 1.0)
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    if not max_norm >= 0:
        raise ValueError(
            f"clip_grad_norm: max_norm must not be negative, got {max_norm}."
        )
    found = [p for p in _listed(parameters) if p.grad is not None]
    if error_if_nonfinite:
        _require_finite("clip_grad_norm", found)
    gradients: list[Any] = [p.grad for p in found]
    norms = [
        np.linalg.norm(np.ravel(g).astype(np.float64), norm_type) for g in gradients
    ]
    total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    factor = float(np.minimum(1.0, max_norm / (total + 1e-6)))  # NaN stays NaN
    with np.errstate(invalid="ignore"):  # 0 times infinity, where that is allowed
        scaled = [g * factor for g in gradients]
    for p, g in zip(found, scaled, strict=True):
        p.grad = g
    return total


def clip_grad_value(
    parameters: Parameters, clip_value: float, *, error_if_nonfinite: bool = True
) -> None:
    """Limit every element of every gradient to [-clip_value, clip_value].

    Unlike `clip_grad_norm` it changes the direction of the step.

    Parameters
    ----------
    parameters : Module, Tensor or iterable of Tensor
        Those without a gradient are left out.
    clip_value : float
        The largest absolute value.
    error_if_nonfinite : bool, default True
        Whether a NaN or an infinity among the gradients is an error.

    Raises
    ------
    NonFiniteError
        If a gradient holds NaN or an infinity; no gradient was changed.
    ValueError
        If ``clip_value`` is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> w = Tensor([1.0, 1.0])
    >>> (w * [3.0, -0.5]).sum().backward()
    >>> nn.clip_grad_value(w, 1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    if not clip_value >= 0:
        raise ValueError(
            f"clip_grad_value: clip_value must not be negative, got {clip_value}."
        )
    found = [p for p in _listed(parameters) if p.grad is not None]
    if error_if_nonfinite:
        _require_finite("clip_grad_value", found)
    for p in found:
        gradient: Any = p.grad
        p.grad = np.clip(gradient, -clip_value, clip_value)


def _require_finite(function: str, parameters: Iterable[Tensor]) -> None:
    for position, p in enumerate(parameters):
        finite: Any = np.isfinite(p.grad)  # type: ignore[arg-type]
        if not np.all(finite):
            worst = int(np.sum(~finite))
            raise NonFiniteError(
                f"{function}: the gradient of {p.name or f'parameter {position}'} "
                f"{p.shape} has {worst} NaN or infinite of {p.size}; no gradient was "
                f"changed. Lower the learning rate, or find the first such value with "
                f"autograd.debug(); error_if_nonfinite=False clips all the same."
            )


# PyTorch's spelling.
clip_grad_norm_ = clip_grad_norm
clip_grad_value_ = clip_grad_value
