"""Products with one factor in common: ``x * b + r - 2 * x`` is ``x * (b - 2) + r``.

It saves a pass over memory, and where several sums have the same ``b - 2`` two of them.
Only sums on large arrays are written anew; their last bits change as they do when terms
are added in another order.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.compiler.repeats import set_inputs
from autograd.recognition import made_by
from autograd.recording import enable_grad
from autograd.tensor import Tensor

__all__ = ["LARGE", "factored"]

LARGE = 1 << 17  # elements; smaller arrays stay in the cache anyway
_LARGEST_NUMBER = 1e6  # added to a factor, it cannot make that overflow


class _Sum(NamedTuple):
    """``x * b ± rest ± number * x``.

    Attributes
    ----------
    x, b : Tensor
        The factors.
    number : Tensor
        The constant.
    is_minus : bool
        Whether its product is subtracted.
    rest : Tensor or None
        The other term.
    outer : str
        How it comes in: ``"add"``, or ``"subtract"`` where it is subtracted.
    """

    x: Tensor
    b: Tensor
    number: Tensor
    is_minus: bool
    rest: Tensor | None
    outer: str


def factored(order: Sequence[Tensor], sources: set[Tensor]) -> list[Tensor]:
    """Return a graph whose sums are written anew where that saves products.

    Parameters
    ----------
    order : sequence of Tensor
        A graph that nobody else uses, inputs first.  Its nodes are changed.
    sources : set of Tensor
        Where it begins.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from autograd.graph_order import inputs_first
    >>> x, b = Tensor(np.ones((512, 512))), Tensor(np.ones((512, 512)))
    >>> order = factored(inputs_first(x * b - 2 * x), {x, b})
    >>> [t.op.name for t in order if t.op]
    ['subtract', 'multiply']
    """
    inside = {t for t in order if t.op is not None and t not in sources}
    uses = Counter([x for t in inside for x in t.inputs])
    known: dict[Any, Tensor] = {}
    result: list[Tensor] = []
    for tensor in order:
        found = _match(tensor, inside, uses) if tensor in inside else None
        if found is not None:
            result += _rewritten(tensor, found, known)
        result.append(tensor)
    if not known:
        return list(order)
    result = _reached(result, order[-1], sources)
    for tensor in result:
        if tensor.op is not None and tensor not in sources:
            _compute(tensor)
    return result


def _rewritten(tensor: Tensor, found: _Sum, known: dict[Any, Tensor]) -> list[Tensor]:
    """Change a node; return the new ones that it needs."""
    new = []
    key = id(found.b), float(found.number.data), found.is_minus
    with enable_grad():
        if key not in known:
            minus = found.b - found.number if found.is_minus else None
            known[key] = found.b + found.number if minus is None else minus
            new.append(known[key])
        product = found.x * known[key]
        total = product
        if found.rest is not None:
            new.append(product)
            minus = product - found.rest if found.outer == "subtract" else None
            total = product + found.rest if minus is None else minus
    tensor._op = total._op
    set_inputs(tensor, total.inputs)
    return new


def _match(tensor: Tensor, inside: set[Tensor], uses: Counter[Tensor]) -> _Sum | None:
    """Return what a sum is made of, if a factor can be taken out."""
    if not made_by(tensor, "add", "subtract") or tensor.size < LARGE:
        return None
    is_minus = tensor.op is not None and tensor.op.name == "subtract"
    ways = [tensor.inputs] if is_minus else [tensor.inputs, tensor.inputs[::-1]]
    for left, scaled in ways:
        number, x = _number_times(scaled, inside, uses)
        if number is None or x is None:
            continue
        for product, rest, outer in _terms(left, inside, uses):
            b = _other_factor(product, x, tensor, inside, uses)
            if b is not None:
                return _Sum(x, b, number, is_minus, rest, outer)
    return None


def _terms(
    total: Tensor, inside: set[Tensor], uses: Counter[Tensor]
) -> list[tuple[Tensor, Tensor | None, str]]:
    """Return the products that a sum may hold, each with the other term."""
    found: list[tuple[Tensor, Tensor | None, str]] = [(total, None, "add")]
    if total in inside and uses[total] == 1 and made_by(total, "add", "subtract"):
        assert total.op is not None
        a, b = total.inputs
        found.append((a, b, total.op.name))
        if total.op.name == "add":
            found.append((b, a, "add"))
    return found


def _number_times(
    tensor: Tensor, inside: set[Tensor], uses: Counter[Tensor]
) -> tuple[Tensor | None, Tensor | None]:
    """Return the constant and the array of a product of the two."""
    if tensor in inside and uses[tensor] == 1 and made_by(tensor, "multiply"):
        for number, x in (tensor.inputs, tensor.inputs[::-1]):
            constant = number.op is None and not number.requires_grad
            if not constant or number.ndim or x.shape != tensor.shape:
                continue
            if abs(number.data) <= _LARGEST_NUMBER:
                return number, x
    return None, None


def _other_factor(
    product: Tensor,
    x: Tensor,
    like: Tensor,
    inside: set[Tensor],
    uses: Counter[Tensor],
) -> Tensor | None:
    """Return b of ``x * b``, which must be a variable of the sum's shape and dtype."""
    if product in inside and uses[product] == 1 and made_by(product, "multiply"):
        for one, b in (product.inputs, product.inputs[::-1]):
            fits = b.shape == x.shape == like.shape and b.dtype == x.dtype == like.dtype
            if one is x and fits and b.requires_grad:
                return b
    return None


def _compute(tensor: Tensor) -> None:
    """Compute the value of a node anew from its inputs."""
    op, details = tensor.op, tensor._details
    assert op is not None
    values = [x._data for x in tensor.inputs]
    if details.saved is not None and op.fused is not None:
        value, details.saved = op.fused.forward(*values, **tensor.settings)
    else:
        value = op.compute(values, tensor.settings or {})
    tensor._data = value if value.ndim else value[()]


def _reached(
    order: Sequence[Tensor], root: Tensor, sources: set[Tensor]
) -> list[Tensor]:
    """Return the nodes that the result still depends on, in the same order."""
    needed = {root}
    kept = []
    for tensor in reversed(order):
        if tensor in needed:
            kept.append(tensor)
            if tensor.op is not None and tensor not in sources:
                needed.update(tensor.inputs)
    return kept[::-1]
