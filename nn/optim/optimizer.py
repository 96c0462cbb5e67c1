"""What all optimisers share: parameter groups, checks, and the walk over parameters.

An optimiser itself is one rule, `Optimizer.update`, which reads as its formula.
"""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor, user_level
from nn.optim.gradients import checked_gradient
from nn.optim.groups import (
    Group,
    Parameters,
    listed,
    named_group,
    require_visible_eps,
    split_groups,
)
from nn.optim.ranges import Ranges, check_all, non_negative
from nn.optim.state import load_state, take_state

__all__ = ["Array", "Optimizer", "Settings", "State", "moving_average"]

Array = npt.NDArray[Any]
Settings = dict[str, Any]  # the hyper-parameters of one group
State = dict[str, Any]  # what is remembered of one parameter: arrays and counters

# A rule runs on at most so many elements at a time, so that what it computes on the way
# stays in the cache: 1.4x faster for a million weights.
_BLOCK = 2**17


class Optimizer:
    """Base class: changes parameters in place so that a cost becomes smaller.

    Parameters
    ----------
    params : iterable
        Tensors, as from ``model.parameters()``; or pairs of name and Tensor, as from
        ``model.named_parameters()``; or dicts with "params" and hyper-parameters of
        their own, one for each group.
    **settings
        The hyper-parameters of all groups that do not have their own.

    Attributes
    ----------
    param_groups : list of dict
        Of each group "params", "names" and the hyper-parameters, such as "lr".  They
        may be changed at any time and are checked at every step.
    state : dict
        What is remembered of each parameter, by its name.
    steps : int
        How many steps were taken.

    Raises
    ------
    ValueError
        If there are no parameters, one is not a leaf or is there twice, or a
        hyper-parameter is out of its range.
    TypeError
        If something is not a Tensor, or there is no such hyper-parameter.

    Notes
    -----
    To write an optimiser, name the hyper-parameters and what they can be in ``ranges``,
    what is kept of each parameter in `kept`, and the formula in `update`.  A
    "weight_decay" among the hyper-parameters is applied before it.

    Parameters keep their memory: an array that shares it, such as one that was given
    with ``copy=False``, changes as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, 2.0], name="w")
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w.data.round(3)
    array([0.512, 1.024])
    """

    ranges: ClassVar[Ranges] = {}
    counters: ClassVar[Mapping[str, int | float]] = {"step": 0}
    decoupled: ClassVar[bool] = False  # weight decay apart from the gradient

    def __init__(self, params: Parameters, **settings: Any) -> None:
        self.defaults = check_all(self._owner, self.ranges, settings)
        self.check(self.defaults)
        self.param_groups: list[Group] = []
        self.state: dict[str, State] = {}
        self.steps = 0
        self._warned = False
        for group in split_groups(self._owner, params):
            self.add_param_group(group)

    # ---- what an optimiser defines -----------------------------------------------

    def check(self, h: Settings) -> None:
        """Raise ValueError if hyper-parameters, each in its range, do not go together.

        Parameters
        ----------
        h : dict
            The hyper-parameters of a group.
        """

    def kept(self, h: Settings) -> dict[str, float]:
        """Return which arrays are kept of each parameter, and what they start from."""
        return {}

    def advance(self, s: State, h: Settings) -> None:
        """Move the counters of a parameter on, once a step."""
        s["step"] += 1

    def update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        """Take a step in place, on a parameter or on some rows of it.

        Parameters
        ----------
        w : ndarray
            The parameter; to be changed in place.
        g : ndarray, shape of w
            The gradient; not to be changed.
        s : dict
            The arrays of `kept`, shape of w, to be changed in place; and the counters.
        h : dict
            The hyper-parameters.
        """
        raise NotImplementedError

    # ---- what its user calls -------------------------------------------------------

    def step(self) -> None:
        """Change all parameters that have a gradient, or none of them.

        Raises
        ------
        NonFiniteError
            If a gradient holds NaN or an infinity; no parameter and no state was
            changed.
        ShapeError
            If a gradient has another shape than its parameter; nothing was changed.
        ValueError
            If a hyper-parameter is out of its range; nothing was changed.

        Warns
        -----
        RuntimeWarning
            Once, if no parameter has a gradient.
        """
        with np.errstate(all="ignore"):
            work = [
                (p, g, self.fitted(name, p, h), name, h)
                for name, p, g, h in self._gradients()
            ]
            for p, g, s, name, h in work:
                if s:
                    self.advance(s, h)
                    self.state[name] = s
                elif name in self.state:
                    del self.state[name]
                self._apply(p, g, s, h)
        if work:
            self.steps += 1
        else:
            self._warn_no_gradient()

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: ``.grad`` becomes None."""
        for group in self.param_groups:
            for p in group["params"]:
                p.zero_grad()

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Train more parameters.

        Parameters
        ----------
        group : dict
            "params" and any hyper-parameters that differ from the defaults.

        Raises
        ------
        ValueError, TypeError
            As for a new optimiser; nothing was changed.
        """
        items = listed(self._owner, group)
        given = {name: value for name, value in group.items() if name != "params"}
        settings = check_all(self._owner, self.ranges, {**self.defaults, **given})
        self.check(settings)
        named = named_group(self._owner, items, self.param_groups)
        require_visible_eps(self._owner, named, settings)
        self.param_groups.append({**named, **settings})

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all that the next steps depend on.

        Returns
        -------
        dict
            "steps"; "state", by name of the parameter its arrays and counters; and
            "param_groups", of each group the names ("params") and hyper-parameters.

        Examples
        --------
        >>> from autograd import Tensor
        >>> from nn import optim
        >>> optim.SGD([Tensor([1.0], name="w")], lr=0.5).state_dict()["param_groups"]
        [{'params': ['w'], 'lr': 0.5, 'momentum': 0.0, 'dampening': 0.0,
          'weight_decay': 0.0, 'nesterov': False}]
        """
        return take_state(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where a state was taken, to the bit.

        Parameters
        ----------
        state : dict
            From `state_dict`, also after a round trip through JSON and arrays.

        Raises
        ------
        CheckpointError
            If names, groups, shapes, dtypes or hyper-parameters do not fit.  The
            message lists every problem, and nothing was changed.
        """
        load_state(self, state)

    def __repr__(self) -> str:
        lines = []
        for group in self.param_groups:
            count = len(group["params"])
            settings = ", ".join(f"{name}={group[name]!r}" for name in self.ranges)
            lines.append(f"{count} parameter{'s' * (count != 1)}: {settings}")
        return f"{self._owner}({'; '.join(lines)})"

    # ---- how a step is taken -------------------------------------------------------

    @property
    def _owner(self) -> str:
        return type(self).__name__

    def _title(self) -> str:
        """Return what a message calls the step that is taken."""
        return f"{self._owner}.step: in step {self.steps + 1} "

    def settings(self, group: Group) -> Settings:
        """Return the hyper-parameters of a group, checked."""
        ranges = self.ranges
        if "initial_lr" in group:  # put there by a schedule
            ranges = {**ranges, "initial_lr": non_negative}
        given = {k: v for k, v in group.items() if k not in ("params", "names")}
        settings = check_all(self._owner, ranges, given)
        self.check(settings)
        return settings

    def _gradients(self) -> Iterator[tuple[str, Tensor, Array, Settings]]:
        """Yield name, parameter, checked gradient and hyper-parameters."""
        for group in self.param_groups:
            h = self.settings(group)
            for name, p in zip(group["names"], group["params"], strict=True):
                if p.grad is not None:
                    yield name, p, checked_gradient(self._title, name, p), h

    def fitted(self, name: str, p: Tensor, h: Settings) -> State:
        """Return the state of a parameter with exactly the arrays that the rule keeps.

        The hyper-parameters, and with them what is kept, may have changed.
        """
        kept = self.kept(h)
        if not kept:
            return {}
        old = self.state.get(name, {})
        if len(old) == len(kept) + len(self.counters) and kept.keys() <= old.keys():
            return old
        s: State = {key: old.get(key, start) for key, start in self.counters.items()}
        for key, start in kept.items():
            s[key] = old[key] if key in old else np.full_like(p.data, start)
        return s

    def _apply(self, p: Tensor, g: Array, s: State, h: Settings) -> None:
        w = p.data
        if w.__class__ is not np.ndarray or not w.flags.writeable:
            w = np.array(w)  # a 0-d value is a NumPy scalar
        if w.size <= _BLOCK:
            self._decay_and_update(w, g, s, h)
        else:
            for rows in _blocks(w):
                part = {k: _rows(value, rows) for k, value in s.items()}
                self._decay_and_update(w[rows], g[rows], part, h)
        p.data = w  # the same memory: it tells the engine that the value changed

    def _decay_and_update(self, w: Array, g: Array, s: State, h: Settings) -> None:
        decay = h.get("weight_decay", 0.0)
        if decay:
            if self.decoupled or h.get("decoupled_weight_decay", False):
                w *= 1 - h["lr"] * decay
            else:
                g = g + decay * w
        self.update(w, g, s, h)

    def _warn_no_gradient(self) -> None:
        if not self._warned:
            self._warned = True
            number = sum(len(group["params"]) for group in self.param_groups)
            warnings.warn(
                f"{self._owner}.step: none of the {number} parameters has a gradient. "
                f"Was backward() called, and on this model?",
                RuntimeWarning,
                stacklevel=user_level(),
            )


def moving_average(average: Array, value: Array, decay: float) -> None:
    """Compute ``average = decay * average + (1 - decay) * value`` in place."""
    average *= decay
    average += (1 - decay) * value


def _blocks(w: Array) -> Iterator[slice]:
    """Yield slices of rows that together are the whole array."""
    length = max(1, _BLOCK * len(w) // w.size)
    for start in range(0, len(w), length):
        yield slice(start, start + length)


def _rows(value: Any, rows: slice) -> Any:
    """Return some rows of an array, and a counter as it is."""
    return value[rows] if isinstance(value, np.ndarray) else value
