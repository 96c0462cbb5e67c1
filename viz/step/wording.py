"""What a step says in words."""

import math

from viz.numbers import shape_text

__all__ = [
    "chain_rule",
    "contribution",
    "jacobian",
    "repeated",
    "repeated_backward",
]

Shape = tuple[int, ...]


def chain_rule(loss: str, target: str, through: str, number: int, count: int) -> str:
    """Return the chain rule for one use of a value, in symbols.

    Examples
    --------
    >>> chain_rule("cost", "W1", "Z1", 1, 1)
    '∂cost/∂W1 = ∂cost/∂Z1 · ∂Z1/∂W1'
    >>> chain_rule("cost", "a", "b", 2, 3)
    '∂cost/∂a = … + ∂cost/∂b · ∂b/∂a + …'
    """
    before = "… + " if number > 1 else ""
    after = " + …" if number < count else ""
    product = f"∂{loss}/∂{through} · ∂{through}/∂{target}"
    return f"∂{loss}/∂{target} = {before}{product}{after}"


def contribution(target: str, number: int, count: int) -> str:
    """Return the sentence on a value that is used more than once.

    Examples
    --------
    >>> contribution("A2", 2, 2)
    'A2 is used 2 times: contribution 2 of 2. Gradients from different paths ADD UP.'
    """
    return (
        f"{target} is used {count} times: contribution {number} of {count}. "
        f"Gradients from different paths ADD UP."
    )


def jacobian(
    loss: str, target: str, through: str, sizes: tuple[int, int], elementwise: bool
) -> str:
    """Return what the vector-Jacobian product is here; nothing for single numbers.

    Parameters
    ----------
    loss, target, through : str
        The result, the value that receives a gradient, and what was made from it.
    sizes : (int, int)
        How many elements ``through`` and ``target`` have.
    elementwise : bool
        Whether each element was made from one element.

    Examples
    --------
    >>> print(jacobian("cost", "Z1", "A1", (12, 12), True))
    Vector-Jacobian product: each cell of A1 depends on one cell of Z1, so the Jacobian
    ∂A1/∂Z1 (12×12) is diagonal, and the product is taken cell by cell.
    """
    rows, columns = sizes
    if rows == columns == 1:
        return ""
    matrix = f"∂{through}/∂{target} ({rows:,}×{columns:,})"
    if elementwise and rows == columns:
        return (
            f"Vector-Jacobian product: each cell of {through} depends on one cell of "
            f"{target}, so the Jacobian {matrix} is diagonal, and the product is taken "
            f"cell by cell."
        )
    return (
        f"Vector-Jacobian product: ∂{loss}/∂{through}, {_row(rows)}, times the "
        f"Jacobian {matrix}, which is never built: the formula gives the same "
        f"{columns:,} number{'' if columns == 1 else 's'}."
    )


def repeated(name: str, shape: Shape, larger: Shape) -> str:
    """Return how broadcasting stretches an input; nothing if it does not.

    Examples
    --------
    >>> repeated("b1", (3, 1), (3, 4))
    'Broadcasting: b1 (3×1) becomes 3×4, its column is used 4 times.'
    """
    if shape == larger:
        return ""
    times = _times(shape, larger)
    return (
        f"Broadcasting: {name} ({shape_text(shape)}) becomes {shape_text(larger)}, "
        f"{_part(shape, larger)} is used {times} times."
    )


def repeated_backward(name: str, shape: Shape, larger: Shape) -> str:
    """Return why the gradient of a broadcast input is a sum.

    Examples
    --------
    >>> print(repeated_backward("b1", (3, 1), (3, 4)))
    Going forward b1 (3×1) was repeated to 3×4, its column was used 4 times. Each use
    sends a gradient back, and they add up: the sum over the columns.
    """
    if shape == larger:
        return ""
    times = _times(shape, larger)
    return (
        f"Going forward {name} ({shape_text(shape)}) was repeated to "
        f"{shape_text(larger)}, {_part(shape, larger)} was used {times} times. Each "
        f"use sends a gradient back, and they add up: the sum over "
        f"{_summed(shape, larger)}."
    )


def _times(shape: Shape, larger: Shape) -> int:
    return math.prod(larger) // max(math.prod(shape), 1)


def _row(size: int) -> str:
    return "a single number" if size == 1 else f"read as a row of {size:,} numbers"


def _stretched(shape: Shape, larger: Shape) -> list[int]:
    """Return the axes of the larger shape along which the other one is repeated."""
    padded = (1,) * (len(larger) - len(shape)) + shape
    return [k for k, (n, m) in enumerate(zip(padded, larger, strict=True)) if n != m]


def _part(shape: Shape, larger: Shape) -> str:
    if math.prod(shape) == 1:
        return "its one number"
    axes = _stretched(shape, larger)
    if len(larger) == 2 and len(axes) == 1:
        return "its row" if axes == [0] else "its column"
    return "each of its numbers"


def _summed(shape: Shape, larger: Shape) -> str:
    axes = _stretched(shape, larger)
    if math.prod(shape) == 1:
        return "all cells"
    if len(larger) == 2:
        return "the rows" if axes == [0] else "the columns"
    return f"ax{'is' if len(axes) == 1 else 'es'} {', '.join(map(str, axes))}"
