"""L-BFGS: steps that follow the curvature of the cost."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import NonFiniteError, Tensor
from nn.optim.gradients import checked_gradient
from nn.optim.groups import Parameters
from nn.optim.lbfgs_state import Search, load_search, split, take_search
from nn.optim.line_search import Point, strong_wolfe
from nn.optim.optimizer import Array, Optimizer, Settings
from nn.optim.quasi_newton import dot
from nn.optim.ranges import Ranges, choice, count, non_negative

__all__ = ["LBFGS"]

Closure = Callable[[], Any]


class LBFGS(Optimizer):
    """Limited-memory BFGS: Newton's method with a Hessian learnt on the way.

    For costs that are computed from all samples at once, where it needs far fewer
    passes than gradient descent.  All parameters are in one group.

    Parameters
    ----------
    params : iterable
        Parameters or named parameters; see `Optimizer`.
    lr : float, default 1
        The first step length that is tried, or the only one without a line search.
    max_iter : int, default 20
        How many moves one `step` makes at most.
    max_eval : int, optional
        How often one `step` calls the closure at most; by default 5/4 ``max_iter``.
    tolerance_grad : float, default 1e-7
        It stops when no gradient is larger.
    tolerance_change : float, default 1e-9
        It stops when neither a parameter nor the cost changes by more.
    history_size : int, default 100
        How many moves are remembered.
    line_search_fn : {None, "strong_wolfe"}, default None
        Whether to search for a good step length in every direction.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range, or there are several groups.

    Notes
    -----
    Formula: w ← w - t H g, where H is the inverse Hessian as far as it is known from
    the last moves, and t the step length.

    References
    ----------
    D. Liu and J. Nocedal, "On the limited memory BFGS method for large scale
    optimization", Mathematical Programming 45, 1989.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([-1.0, 2.0])
    >>> optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     cost = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    ...     cost.backward()
    ...     return cost
    >>> for _ in range(4):
    ...     cost = optimizer.step(closure)
    >>> w.data.round(4)
    array([1., 1.])
    """

    ranges: ClassVar[Ranges] = {
        "lr": non_negative,
        "max_iter": count,
        "max_eval": count,
        "tolerance_grad": non_negative,
        "tolerance_change": non_negative,
        "history_size": count,
        "line_search_fn": choice(None, "strong_wolfe"),
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max(1, max_iter * 5 // 4) if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )
        self.search = Search()

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Refuse a second group: one direction is found for all parameters."""
        if self.param_groups:
            raise ValueError("LBFGS: all parameters must be in one group.")
        super().add_param_group(group)

    def step(self, closure: Closure) -> Any:  # type: ignore[override]
        """Make up to ``max_iter`` moves, or none.

        Parameters
        ----------
        closure : callable
            Forgets the gradients, computes the cost, calls ``backward()`` and returns
            the cost.

        Returns
        -------
        Tensor or float
            What the closure returned first.

        Raises
        ------
        NonFiniteError
            If the cost or a gradient is NaN or infinite at the start or after a move.
            The line search takes it for a step that is too long.  All parameters are
            as they were.
        Exception
            What the closure raises; all parameters are as they were.

        Warns
        -----
        RuntimeWarning
            Once, if no parameter has a gradient.
        """
        h = self.settings(self.param_groups[0])
        before = [np.copy(p.data) for p in self._params]
        try:
            first, search = self._minimise(closure, h)
        except BaseException:
            for p, data in zip(self._params, before, strict=True):
                p.data = data
            raise
        if search is not None:
            self.search = search
            self.steps += 1
        return first

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all that the next steps depend on.

        Returns
        -------
        dict
            As `Optimizer.state_dict`, and "search" with the counts and numbers that
            belong to all parameters together.
        """
        return take_search(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where a state was taken, to the bit.

        Raises
        ------
        CheckpointError
            If it does not fit; nothing was changed.
        """
        load_search(self, state)

    # ---- how a step is taken -------------------------------------------------------

    @property
    def _params(self) -> list[Tensor]:
        return self.param_groups[0]["params"]  # type: ignore[no-any-return]

    def _minimise(self, closure: Closure, h: Settings) -> tuple[Any, Search | None]:
        """Move the parameters; return the first cost and what was learnt."""
        first = closure()
        if all(p.grad is None for p in self._params):
            self._warn_no_gradient()
            return first, None
        search = self.search.copy()
        point = Point(0.0, _number(first), 0.0, self._gradient())
        self._require_finite(point.loss)
        used = 1
        for iteration in range(1, h["max_iter"] + 1):
            if _largest(point.gradient) <= h["tolerance_grad"]:
                break
            direction, t = _direction(search, point.gradient, h)
            slope = dot(point.gradient, direction)
            search.gradient = point.gradient
            search.move = t * direction
            if slope > -h["tolerance_change"] or not slope:
                break
            here = point._replace(t=0.0, slope=slope)
            last = iteration == h["max_iter"]
            point, calls = self._move(closure, here, direction, t, h, used, last)
            search.move = point.t * direction
            used += calls
            small = h["tolerance_change"]
            if used >= h["max_eval"] or _largest(search.move) <= small:
                break
            if abs(point.loss - here.loss) < small:
                break
        search.evaluations += used
        return first, search

    def _move(
        self,
        closure: Closure,
        start: Point,
        direction: Array,
        t: float,
        h: Settings,
        used: int,
        last: bool,
    ) -> tuple[Point, int]:
        """Move along a direction; return where that is and how often it was called."""
        origin = self._flat()

        def evaluate(t: float) -> Point:
            self._place(origin + t * direction)
            loss, gradient = _number(closure()), self._gradient()
            slope = dot(gradient, direction)
            if not np.isfinite(loss) or not np.all(np.isfinite(gradient)):
                loss = np.inf
            return Point(t, loss, slope, gradient)

        if h["line_search_fn"] is not None:
            point, calls = strong_wolfe(
                evaluate,
                start,
                t,
                shortest=h["tolerance_change"] / _largest(direction),
                budget=h["max_eval"] - used,
            )
            self._place(origin + point.t * direction)
            return point, calls
        if last:  # the next step evaluates it
            self._place(origin + t * direction)
            return start._replace(t=t), 0
        point = evaluate(t)
        self._require_finite(point.loss)
        return point, 1

    def _require_finite(self, loss: float) -> None:
        """Raise if a gradient, or else the cost, is not finite."""
        group = self.param_groups[0]
        with np.errstate(all="ignore"):
            for name, p in zip(group["names"], group["params"], strict=True):
                if p.grad is not None:
                    checked_gradient(self._title, name, p)
        if not np.isfinite(loss):
            raise NonFiniteError(
                f"{self._title()}the closure returned {loss}. The parameters are "
                f"as they were before the step. Lower lr, or pass "
                f'line_search_fn="strong_wolfe".'
            )

    def _gradient(self) -> Array:
        """Return all gradients as one vector, with zeros where there are none."""
        return np.concatenate(
            [
                np.zeros(p.size, p.dtype) if p.grad is None else np.ravel(p.grad)
                for p in self._params
            ]
        )

    def _flat(self) -> Array:
        """Return all parameters as one vector."""
        return np.concatenate([np.ravel(p.data) for p in self._params])

    def _place(self, flat: Array) -> None:
        """Set all parameters from one vector."""
        for p, part in zip(self._params, split(flat, self._params), strict=True):
            p.data = part.astype(p.dtype)


def _direction(search: Search, gradient: Array, h: Settings) -> tuple[Array, float]:
    """Return where to go and the first step length to try."""
    search.iterations += 1
    if search.gradient is None or search.move is None:
        return -gradient, min(1.0, 1 / float(np.sum(np.abs(gradient)))) * h["lr"]
    change = gradient - search.gradient
    search.hessian.learn(search.move, change, h["history_size"])
    return -search.hessian.times(gradient), h["lr"]


def _largest(vector: Array) -> float:
    """Return the largest absolute value; 0 if there are no elements."""
    return float(np.max(np.abs(vector), initial=0.0))


def _number(loss: Any) -> float:
    return float(loss.item() if isinstance(loss, Tensor) else loss)
