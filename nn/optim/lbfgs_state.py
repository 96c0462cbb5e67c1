"""Taking the state of L-BFGS by parameter name, and setting it: all or nothing.

Its vectors of all parameters are cut into the parts of each parameter.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.optim.quasi_newton import InverseHessian
from nn.optim.ranges import positive, whole
from nn.optim.state import (
    array_problems,
    group_states,
    key_problems,
    read_groups,
    refuse,
    set_groups,
)

if TYPE_CHECKING:
    from nn.optim.lbfgs import LBFGS

__all__ = ["Search", "load_search", "split", "take_search"]

Array = npt.NDArray[Any]

_SECTIONS = ("steps", "state", "search", "param_groups")
_NUMBERS = ("iterations", "evaluations", "scale", "curvatures")


class Search:
    """What L-BFGS remembers from step to step, as vectors of all parameters.

    Attributes
    ----------
    iterations, evaluations : int
        How many moves were made, and how often the closure was called.
    gradient, move : ndarray or None
        The gradient before the last move, and that move.
    hessian : InverseHessian
        What was learnt from the moves before.
    """

    def __init__(self) -> None:
        self.iterations = 0
        self.evaluations = 0
        self.gradient: Array | None = None
        self.move: Array | None = None
        self.hessian = InverseHessian()

    def copy(self) -> "Search":
        """Return a copy that can go on by itself."""
        twin = Search()
        vars(twin).update(vars(self))
        twin.hessian = self.hessian.copy()
        return twin


def split(flat: Array, params: Sequence[Tensor]) -> list[Array]:
    """Return the part of a vector that belongs to each parameter, in its shape."""
    ends = np.cumsum([p.size for p in params])
    parts = np.split(flat, ends[:-1])
    return [part.reshape(p.shape) for part, p in zip(parts, params, strict=True)]


def take_search(optimizer: "LBFGS") -> dict[str, Any]:
    """Return copies of the state."""
    search, group = optimizer.search, optimizer.param_groups[0]
    return {
        "steps": optimizer.steps,
        "state": dict(
            zip(group["names"], _parts(search, group["params"]), strict=False)
        ),
        "search": {
            "iterations": search.iterations,
            "evaluations": search.evaluations,
            "scale": search.hessian.scale,
            "curvatures": list(search.hessian.curvatures),
        },
        "param_groups": group_states(optimizer),
    }


def _parts(search: Search, params: list[Tensor]) -> Iterator[dict[str, Array]]:
    """Yield what is remembered of each parameter; nothing before the first move."""
    if search.gradient is None or search.move is None:
        return
    rows = {
        "gradient": search.gradient,
        "move": search.move,
        "moves": _stacked(search.hessian.moves, search.gradient),
        "changes": _stacked(search.hessian.changes, search.gradient),
    }
    start = 0
    for p in params:
        own = slice(start, start + p.size)
        yield {
            key: np.array(vectors[..., own]).reshape(vectors.shape[:-1] + p.shape)
            for key, vectors in rows.items()
        }
        start = own.stop


def _stacked(vectors: list[Array], like: Array) -> Array:
    """Return vectors as rows, also where there are none."""
    return np.array(vectors, like.dtype).reshape(len(vectors), like.size)


def load_search(optimizer: "LBFGS", state: Mapping[str, Any]) -> None:
    """Set the state, after every check has passed."""
    refuse(optimizer, key_problems("the state", state, _SECTIONS))
    settings = read_groups(optimizer, state)
    refuse(optimizer, _search_problems(state["search"]))
    refuse(optimizer, _state_problems(optimizer, state))
    group, numbers = optimizer.param_groups[0], state["search"]
    search = Search()
    search.iterations = numbers["iterations"]
    search.evaluations = numbers["evaluations"]
    search.hessian.scale = float(numbers["scale"])
    search.hessian.curvatures = list(numbers["curvatures"])
    entries = [state["state"][name] for name in group["names"] if state["state"]]
    if entries:
        search.gradient = _joined([entry["gradient"] for entry in entries])
        search.move = _joined([entry["move"] for entry in entries])
        for k in range(len(numbers["curvatures"])):
            search.hessian.moves.append(_joined([e["moves"][k] for e in entries]))
            search.hessian.changes.append(_joined([e["changes"][k] for e in entries]))
    set_groups(optimizer, settings)
    optimizer.search = search
    optimizer.steps = state["steps"]


def _joined(parts: list[Array]) -> Array:
    return np.concatenate([np.ravel(part) for part in parts])


def _search_problems(numbers: Any) -> list[str]:
    problems = key_problems("search", numbers, _NUMBERS)
    if problems:
        return problems
    if not isinstance(numbers["curvatures"], list):
        return [f"search: curvatures is {numbers['curvatures']!r}, not a list"]
    try:
        for name in ("iterations", "evaluations"):
            whole("search", name, numbers[name])
        for number in [numbers["scale"], *numbers["curvatures"]]:
            positive("search", "scale or curvatures", number)
    except (TypeError, ValueError) as error:
        return [str(error)]
    return []


def _state_problems(optimizer: "LBFGS", state: Mapping[str, Any]) -> list[str]:
    """Say which arrays are missing, or have another shape or dtype."""
    entries, group = state["state"], optimizer.param_groups[0]
    problems = []
    try:
        whole("state", "steps", state["steps"])
    except (TypeError, ValueError) as error:
        problems.append(str(error))
    moved = isinstance(entries, Mapping) and bool(entries)
    if moved != (state["search"]["iterations"] > 0):
        problems.append("iterations were counted, but the state is empty or no dict")
    problems += key_problems("the state", entries, group["names"] if entries else ())
    if problems or not entries:
        return problems
    dtype = np.result_type(*[p.dtype for p in group["params"]])
    pairs = len(state["search"]["curvatures"])
    for name, p in zip(group["names"], group["params"], strict=True):
        shapes = {"gradient": p.shape, "move": p.shape}
        shapes |= {"moves": (pairs, *p.shape), "changes": (pairs, *p.shape)}
        problems += key_problems(name, entries[name], shapes)
        for key, shape in shapes.items():
            if key in entries[name]:
                what = f"{name}: {key}"
                problems += array_problems(what, entries[name][key], shape, dtype)
    return problems
