"""What each quantity of a derivation is called; those without a name get one."""

from autograd.derivation.graph import Graph
from autograd.tensor import Tensor

__all__ = ["names_of"]

# Letters that stand for what has no name, the first that the user does not use.
_INTERMEDIATE = "UVHTQS"
_ARRAY = "CDKE"
_PARAMETER = ("theta", "phi", "w")


def names_of(graph: Graph) -> dict[Tensor, str]:
    """Return a name for every quantity; no two quantities share one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(2.0, name="x")
    >>> y = (x * x) * (x * x)
    >>> list(names_of(Graph(y, lambda t: t.name)).values())
    ['x', 'L']
    """
    given = {t: graph.name_of(t) for t in graph.quantities}
    used = {name for name in given.values() if name}
    counts: dict[str, int] = {}
    letters = {
        "intermediate": _free(_INTERMEDIATE, used),
        "array": _free(_ARRAY, used),
        "parameter": _free(_PARAMETER, used),
    }
    found: dict[Tensor, str] = {}
    taken: set[str] = set()
    for tensor, name in given.items():
        if not name and tensor is graph.root and tensor.size == 1:
            name = next(x for x in ("L", "J", "loss", "result") if x not in used)
        if not name:
            letter = letters[_kind(tensor)]
            counts[letter] = counts.get(letter, 0) + 1
            name = f"{letter}{counts[letter]}"
        found[tensor] = _unique(name, taken)
        taken.add(found[tensor])
    return found


def _kind(tensor: Tensor) -> str:
    if tensor.op is not None:
        return "intermediate"
    return "parameter" if tensor.requires_grad else "array"


def _free(letters: "str | tuple[str, ...]", used: set[str]) -> str:
    free = [x for x in letters if not any(name.startswith(x) for name in used)]
    return free[0] if free else letters[0] + "_"


def _unique(name: str, taken: set[str]) -> str:
    """Return the name, with as many primes as needed to be a new one."""
    count = 1
    unique = name
    while unique in taken:
        count += 1
        unique = name + "'" * (count - 1) if count <= 4 else f"{name} ({count})"
    return unique
