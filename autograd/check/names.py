"""Which tensor a hand-derived gradient belongs to: ``dZ2`` is the gradient of ``Z2``.

The names of tensors come from three places, the first that knows a name decides: the
dicts that the user passes (``parameters``, ``cache``, ``locals()``), the dicts inside
those, and the names that tensors carry themselves.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd.tensor import Tensor, describe

__all__ = ["Names", "TensorNames", "spelled"]

Names = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_PREFIXES = ("grad_", "grad", "d_", "d")
_SUFFIX = "_grad"


def spelled(key: str) -> list[str]:
    """Return the names that the key of a gradient may mean, the likeliest first.

    Examples
    --------
    >>> spelled(" dZ2 "), spelled("grad_W1"), spelled("b1_grad")
    (['Z2', 'dZ2'], ['W1', '_W1', 'grad_W1'], ['b1', 'b1_grad'])
    """
    key = _without_blanks(key)
    names = [key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix)]
    if key.endswith(_SUFFIX):
        names.append(key.removesuffix(_SUFFIX))
    return [name for name in dict.fromkeys([*names, key]) if name]


class TensorNames:
    """The tensors of a graph by name.

    Parameters
    ----------
    graph : iterable of Tensor
        The tensors that may be meant.  One outside the graph is found only if no tensor
        of the graph has the name.
    names : dict or sequence of dict, optional
        The values by name; values that are dicts are looked into, one level deep.
        Whatever is not a tensor is passed over.
    """

    def __init__(self, graph: Iterable[Tensor], names: Names = None) -> None:
        self._graph = list(graph)
        outer = _mappings(names)
        inner = [value for m in outer for value in m.values() if _is_mapping(value)]
        own = [{tensor.name: tensor} for tensor in self._graph if tensor.name]
        sources = [_tensors(outer), _tensors(inner), _tensors(own)]
        inside = set(self._graph)
        self._sources = [
            {name: [x for x in found if x in inside] for name, found in source.items()}
            for source in sources
        ] + sources
        self.known = list(dict.fromkeys(name for source in sources for name in source))

    def find(self, key: str) -> Tensor | None:
        """Return the tensor that the key of a gradient belongs to, or None.

        Raises
        ------
        ValueError
            If the key fits two tensors that were given side by side.
        """
        for name in spelled(key):
            for source in self._sources:
                found = source.get(name)
                if found:
                    return self._only(found, key, name)
        return None

    def suggest(self, key: str) -> str:
        """Return what to tell about a key that no tensor fits."""
        if not self.known:
            return "no tensor has a name; pass names=locals(), or Tensor(..., name=)"
        near: list[str] = []
        for name in spelled(key):
            near += difflib.get_close_matches(name, self.known, n=1, cutoff=0.5)
        wanted = spelled(key)[0]
        hint = f"; did you mean d{near[0]}?" if near else ""
        return f"no tensor is called {wanted}{hint}"

    def _only(self, found: Sequence[Tensor], key: str, name: str) -> Tensor:
        if len(found) > 1:
            raise ValueError(
                f"{key}: {name} is the name of {len(found)} different tensors, "
                f"{', '.join(map(describe, found))}. Pass only the dict that is meant "
                f"as names=."
            )
        return found[0]


def _tensors(mappings: Iterable[Mapping[str, Any]]) -> dict[str, list[Tensor]]:
    """Gather the different tensors of each name."""
    found: dict[str, list[Tensor]] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            if isinstance(key, str) and isinstance(value, Tensor):
                same = found.setdefault(_without_blanks(key), [])
                if all(value is not other for other in same):
                    same.append(value)
    return found


def _mappings(names: Names) -> list[Mapping[str, Any]]:
    if names is None:
        return []
    listed = [names] if _is_mapping(names) else list(names)
    for item in listed:
        if not _is_mapping(item):
            raise TypeError(
                f"names= must be a dict or several, got {type(item).__name__}. "
                f"Write names=[parameters, cache] or names=locals()."
            )
    return listed  # type: ignore[return-value]


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _without_blanks(key: str) -> str:
    return "".join(key.split())
