"""Losses as modules: how far a prediction is from the truth, as one number.

Each calls the function of its name in `nn.functional`, with the settings it was made
with.  A plain array of floats beside a prediction is cast to the prediction's dtype.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn import functional as F
from nn.module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "TripletMarginLoss",
]


class _Loss(Module):
    """What all losses share: how the losses of single elements are joined."""

    reductions: ClassVar[tuple[str, ...]] = ("mean", "sum", "none")
    weight: Any  # of losses that have one

    def __init__(self, reduction: str = "mean") -> None:
        allowed = self.reductions
        if reduction not in allowed:
            raise ValueError(
                f"{type(self).__name__}: reduction must be one of "
                f"{', '.join(map(repr, allowed))}, got {reduction!r}."
            )
        self.reduction = reduction

    def _cast(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Cast plain arrays of floats to the dtype of the prediction."""
        like = next((x for x in args if isinstance(x, Tensor)), None)
        if like is None or like.dtype.kind != "f":
            return args
        return tuple(
            x.astype(like.dtype, copy=False)
            if isinstance(x, np.ndarray) and x.dtype.kind == "f"
            else x
            for x in args
        )

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """Mean squared error: for regression with normal noise.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: (x - t)².

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.MSELoss()(Tensor([1.0, 4.0]), [1.0, 2.0]).item()
    2.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.mse_loss(input, target, self.reduction)


class L1Loss(_Loss):
    """Mean absolute error: regression that outliers do not dominate.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: |x - t|.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.L1Loss()(Tensor([1.0, 4.0]), [1.0, 2.0]).item()
    1.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.l1_loss(input, target, self.reduction)


class SmoothL1Loss(_Loss):
    """Squared for small errors and absolute for large ones.

    Parameters
    ----------
    beta : float, default 1.0
        Where the parabola ends; 0 gives `L1Loss`.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: (x - t)² / 2β where |x - t| < β, and |x - t| - β/2 elsewhere.

    References
    ----------
    R. Girshick, "Fast R-CNN", ICCV 2015.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.SmoothL1Loss()(Tensor([0.5, 3.0]), [0.0, 0.0]).item()
    1.3125
    """

    def __init__(
        self,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(reduction)
        if not beta >= 0:
            raise ValueError(f"SmoothL1Loss: beta must not be negative, got {beta}.")
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(_Loss):
    """Squared for small errors and absolute for large ones, with slope δ.

    Parameters
    ----------
    delta : float, default 1.0
        Where the parabola ends.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: (x - t)² / 2 where |x - t| ≤ δ, and δ (|x - t| - δ/2) elsewhere.

    References
    ----------
    P. Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.HuberLoss(delta=2.0)(Tensor([0.5, 3.0]), [0.0, 0.0]).item()
    2.0625
    """

    def __init__(
        self,
        reduction: str = "mean",
        delta: float = 1.0,
    ) -> None:
        super().__init__(reduction)
        if not delta > 0:
            raise ValueError(f"HuberLoss: delta must be positive, got {delta}.")
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class BCELoss(_Loss):
    """Cross entropy of two classes, from probabilities.

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the losses; broadcasts.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.
    ValueError
        If an input is not from 0 to 1.  `BCEWithLogitsLoss` takes any number.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: -(t log p + (1 - t) log(1 - p)), with logarithms of at least -100.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> round(nn.BCELoss()(Tensor([0.5, 0.25]), [1.0, 0.0]).item(), 4)
    0.4904
    """

    def __init__(
        self,
        weight: npt.ArrayLike | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Cross entropy of two classes, from numbers before the sigmoid.

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the losses; broadcasts.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.
    pos_weight : array_like, optional
        How many times positive targets count; broadcasts.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: log(1 + eᶻ) - t z, without overflow; with w = ``pos_weight`` the part of t
    counts w times.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> round(nn.BCEWithLogitsLoss()(Tensor([0.0, -1000.0]), [1.0, 0.0]).item(), 4)
    0.3466
    """

    pos_weight: Any

    def __init__(
        self,
        weight: npt.ArrayLike | None = None,
        reduction: str = "mean",
        pos_weight: npt.ArrayLike | None = None,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, self.reduction, self.pos_weight
        )


class CrossEntropyLoss(_Loss):
    """Cross entropy of several classes, from numbers before the softmax.

    Parameters
    ----------
    weight : array_like, shape (C,), optional
        How much each class counts.
    ignore_index : int, default -100
        Samples of this target do not count.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.
    label_smoothing : float, default 0.0
        The share of the target that is spread evenly over all classes.

    Raises
    ------
    OutOfRangeError
        If a target is not one of the classes.
    ValueError
        If the mean is over no sample.

    Notes
    -----
    Shapes: input (N, C), (C,) or (N, C, d1, ...); target integers of that shape without
    C, or probabilities of the same shape; result a single number, or the losses for
    "none".

    Formula: -log softmax(x)[t], or -Σ tᵢ log softmax(x)ᵢ; the mean is weighted by the
    classes.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> round(nn.CrossEntropyLoss()(Tensor([[2.0, 0.0], [0.0, 0.0]]), [0, 1]).item(), 4)
    0.41
    """

    def __init__(
        self,
        weight: npt.ArrayLike | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f"CrossEntropyLoss: label_smoothing must be from 0 to 1, got "
                f"{label_smoothing}."
            )
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            self.ignore_index,
            self.reduction,
            self.label_smoothing,
        )


class NLLLoss(_Loss):
    """Negative log-likelihood of classes, from log-probabilities.

    Parameters
    ----------
    weight : array_like, shape (C,), optional
        How much each class counts.
    ignore_index : int, default -100
        Samples of this target do not count.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    OutOfRangeError
        If a target is not one of the classes.
    ValueError
        If the mean is over no sample.

    Notes
    -----
    Shapes: input (N, C), (C,) or (N, C, d1, ...); target integers of that shape without
    C; result a single number, or the losses for "none".

    Formula: -x[t], where x is what `LogSoftmax` returns.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.NLLLoss()(Tensor([[-0.5, -1.0]]), [1]).item()
    1.0
    """

    def __init__(
        self,
        weight: npt.ArrayLike | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class KLDivLoss(_Loss):
    """How different two distributions are: the Kullback-Leibler divergence.

    Parameters
    ----------
    reduction : {"mean", "batchmean", "sum", "none"}, default "mean"
        "batchmean" divides the sum by the length of the first axis: the divergence.
    log_target : bool, default False
        Whether the targets are log-probabilities as well.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: t (log t - x), where x are log-probabilities.

    References
    ----------
    S. Kullback and R. Leibler, "On information and sufficiency", 1951.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> import numpy as np
    >>> same = np.log([[0.25, 0.75]])
    >>> nn.KLDivLoss("batchmean")(Tensor(same), np.exp(same)).item()
    0.0
    """

    reductions: ClassVar = ("mean", "batchmean", "sum", "none")

    def __init__(
        self,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.kl_div(input, target, self.reduction, self.log_target)


class HingeLoss(_Loss):
    """The loss of a support vector machine.

    Parameters
    ----------
    margin : float, default 1.0
        How far from 0 a score must be to cost nothing.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ValueError
        If a target is neither 1 nor -1, or the shapes differ.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: max(0, margin - t x), with targets t of 1 and -1.

    References
    ----------
    C. Cortes and V. Vapnik, "Support-vector networks", 1995.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.HingeLoss()(Tensor([2.0, 0.5]), [1, -1]).item()
    0.75
    """

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.hinge_loss(input, target, self.margin, self.reduction)


class MultiMarginLoss(_Loss):
    """Hinge loss of several classes.

    Parameters
    ----------
    p : {1, 2}, default 1
        The power.
    margin : float, default 1.0
        By how much the right class should be ahead.
    weight : array_like, shape (C,), optional
        How much each class counts.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    OutOfRangeError
        If a target is not one of the classes.

    Notes
    -----
    Shapes: input (N, C) or (C,), target integers (N,) or (); result a single number, or
    the losses for "none".

    Formula: 1 / C Σ over i ≠ t of w[t] max(0, margin - x[t] + x[i])ᵖ.

    References
    ----------
    K. Crammer and Y. Singer, "Multiclass kernel-based vector machines", 2001.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> round(nn.MultiMarginLoss()(Tensor([[0.1, 0.2, 0.4, 0.8]]), [3]).item(), 4)
    0.325
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: npt.ArrayLike | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p must be 1 or 2, got {p!r}.")
        self.p = p
        self.margin = margin
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, self.reduction
        )


class CosineEmbeddingLoss(_Loss):
    """Pull vectors that belong together to one direction, and push others apart.

    Parameters
    ----------
    margin : float, default 0.0
        Which cosine costs nothing for the others.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ValueError
        If a target is neither 1 nor -1.

    Notes
    -----
    Shapes: inputs (N, D) or (D,), target (N,) or () of 1 and -1; result a single
    number, or the losses for "none".

    Formula: 1 - cos(x₁, x₂) for t = 1, and max(0, cos(x₁, x₂) - margin) for t = -1.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> a, b = Tensor([[1.0, 0.0]]), Tensor([[0.0, 2.0]])
    >>> nn.CosineEmbeddingLoss()(a, b, [1]).item()
    1.0
    """

    def __init__(
        self,
        margin: float = 0.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """Return the loss."""
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, self.reduction
        )


class TripletMarginLoss(_Loss):
    """Bring an anchor closer to a positive than to a negative example.

    Parameters
    ----------
    margin : float, default 1.0
        By how much.
    p : float, default 2.0
        The exponent of the distance.
    eps : float, default 1e-6
        Is added to the differences, so that distance 0 has a gradient.
    swap : bool, default False
        Whether to use the distance of positive and negative where it is smaller.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    Shapes: three inputs (N, D) or (D,); result a single number, or the losses for
    "none".

    Formula: max(0, d(a, p) - d(a, n) + margin).

    References
    ----------
    V. Balntas et al., "Learning local feature descriptors with triplets", BMVC 2016.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> a, b, c = Tensor([[0.0]]), Tensor([[1.0]]), Tensor([[3.0]])
    >>> round(nn.TripletMarginLoss()(a, c, b).item(), 4)
    3.0
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """Return the loss."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            self.reduction,
        )


class PoissonNLLLoss(_Loss):
    """Negative log-likelihood of counts.

    Parameters
    ----------
    log_input : bool, default True
        Whether the input is the logarithm of the rate, or the rate.
    full : bool, default False
        Whether to add Stirling's approximation of log(t!), where t > 1.
    eps : float, default 1e-8
        Is added to a rate before its logarithm is taken.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare what does not belong together.

    Notes
    -----
    Shapes: input and target of one shape; result one number, or that shape
    for "none".

    Formula: eˣ - t x, or x - t log(x + eps).

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.PoissonNLLLoss()(Tensor([0.0, 0.0]), [1.0, 2.0]).item()
    1.0
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any) -> Any:
        """Return the loss."""
        return F.poisson_nll_loss(
            input, target, self.log_input, self.full, self.eps, self.reduction
        )


class GaussianNLLLoss(_Loss):
    """Negative log-likelihood of normal distributions: learns how sure it is.

    Parameters
    ----------
    full : bool, default False
        Whether to add the constant log(2π) / 2.
    eps : float, default 1e-6
        Smaller variances count as this one.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ValueError
        If a variance is negative.

    Notes
    -----
    Shapes: input and target of one shape, var the same, or 1 or nothing for the last
    axis; result a single number, or the losses for "none".

    Formula: (log v + (x - t)² / v) / 2 with v = max(var, eps).

    References
    ----------
    D. Nix and A. Weigend, "Estimating the mean and variance of the target probability
    distribution", 1994.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.GaussianNLLLoss()(Tensor([1.0]), [3.0], Tensor([1.0])).item()
    2.0
    """

    def __init__(
        self,
        full: bool = False,
        eps: float = 1e-6,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """Return the loss."""
        return F.gaussian_nll_loss(
            input, target, var, self.full, self.eps, self.reduction
        )
