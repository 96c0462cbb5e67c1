"""From what a user hands to an optimiser to named parameters in groups."""

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import DTypeError, Tensor
from nn.module import Module

__all__ = [
    "Group",
    "Parameters",
    "listed",
    "named_group",
    "require_visible_eps",
    "split_groups",
]

# "params" (list of Tensor), "names" (list of str), and the hyper-parameters.
Group = dict[str, Any]

Parameters = (
    Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Mapping[str, Any]]
)


def split_groups(owner: str, params: Parameters) -> list[dict[str, Any]]:
    """Return the groups that were given; parameters outside a dict are one group."""
    if isinstance(params, Module):
        raise TypeError(
            f"{owner}: got a {type(params).__name__}. Write model.parameters()."
        )
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise TypeError(
            f"{owner}: it needs a list of Tensors, got a {type(params).__name__}. "
            f"Write [parameter]."
        )
    if isinstance(params, set | frozenset | str):
        raise TypeError(
            f"{owner}: the parameters must be in a fixed order, got a "
            f"{type(params).__name__}. Write a list."
        )
    items: list[Any] = list(params)
    if not items or not all(isinstance(item, Mapping) for item in items):
        items = [{"params": items}]
    groups = [dict(item) for item in items]
    for group in groups:
        group["params"] = listed(owner, group)
    if not any(group["params"] for group in groups):
        raise ValueError(
            f"{owner}: there are no parameters, so nothing would be trained. An "
            f"iterator such as model.parameters() can be used once only."
        )
    return groups


def listed(owner: str, group: Mapping[str, Any]) -> list[Any]:
    """Return the parameters of a group that a user wrote as a list."""
    if "params" not in group:
        raise ValueError(f"{owner}: a parameter group has no 'params': {list(group)}.")
    params = group["params"]
    return [params] if isinstance(params, Tensor) else list(params)


def named_group(owner: str, items: list[Any], groups: list[Group]) -> Group:
    """Return a group of checked parameters with names that no other group has.

    Parameters
    ----------
    owner : str
        The optimiser, for messages.
    items : list of Tensor or of (str, Tensor)
        The parameters.  One without a name of its own is called ``parameter 3``.
    groups : list of dict
        The groups that are already there.

    Raises
    ------
    ValueError
        If a parameter is not a leaf or is there twice, or if a name is given twice.
    TypeError
        If it is not a Tensor; DTypeError, if it is not floating point.
    """
    names: dict[Tensor, str] = {}
    for group in groups:
        names.update(zip(group["params"], group["names"], strict=True))
    taken, start = set(names.values()), len(names)
    for position, item in enumerate(items, start):
        given, p = item if isinstance(item, tuple) else (None, item)
        _require_parameter(owner, position, p)
        if p in names:
            raise ValueError(
                f"{owner}: parameter {position} is {names[p]} again. It would move "
                f"twice in every step; list it once."
            )
        if given in taken:
            raise ValueError(
                f"{owner}: two parameters are called {given!r}. The state is stored by "
                f"name; give each its own."
            )
        names[p] = given or _free_name(p.name or f"parameter {position}", taken)
        taken.add(names[p])
    return {"params": list(names)[start:], "names": list(names.values())[start:]}


def _require_parameter(owner: str, position: int, p: Any) -> None:
    if not isinstance(p, Tensor):
        raise TypeError(
            f"{owner}: parameter {position} must be a Tensor, got a "
            f"{type(p).__name__}. Write model.parameters(), or [Tensor(...)]."
        )
    if not p.is_leaf:
        made = p.op.name if p.op is not None else "an operation"
        site = f" ({p.created_at})" if p.created_at else ""
        raise ValueError(
            f"{owner}: parameter {position} {p.shape} is a result of {made}{site}, "
            f"which is computed anew in every pass, so changing it trains nothing. "
            f"Give the leaf Tensors that it is made of."
        )
    if p.dtype.kind != "f":
        raise DTypeError(
            f"{owner}: parameter {position} {p.shape} has dtype {p.dtype}, which has "
            f"no gradient. Write Tensor(values, dtype=float)."
        )


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: parts of two models may be called alike."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    return candidate


def require_visible_eps(owner: str, group: Group, h: Mapping[str, Any]) -> None:
    """Refuse an eps that is 0 in the dtype of a parameter: 0 / 0 would be NaN."""
    for name, p in zip(group["names"], group["params"], strict=True):
        if "eps" in h and p.dtype.type(h["eps"]) == 0:
            raise ValueError(
                f"{owner}: eps={h['eps']} is 0 in {p.dtype}, the dtype of {name}; a "
                f"zero gradient would make it NaN. Pass a larger eps, such as 1e-4."
            )
