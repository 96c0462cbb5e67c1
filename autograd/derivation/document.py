"""A whole derivation as one LaTeX environment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.derivation.latex import escaped, latex_of
from autograd.derivation.working import Block, Line, Working, work_out
from autograd.tensor import Tensor

__all__ = ["align", "headed", "latex"]

Named = Mapping[str, Any]


def latex(
    cost: Tensor,
    *,
    wrt: Tensor | Iterable[Tensor] | None = None,
    names: Named | Sequence[Named] | None = None,
    max_lines: int = 400,
) -> str:
    r"""Return the forward and backward pass of a result as a derivation in LaTeX.

    Parameters
    ----------
    cost : Tensor
        A recorded tensor.
    wrt : Tensor or iterable of Tensor, optional
        The tensors whose gradients are wanted; by default all.
    names : dict or sequence of dict, optional
        Name -> tensor or array, for example ``locals()``; they go before the names that
        tensors have.
    max_lines : int, default 400
        The most steps.

    Returns
    -------
    str
        An ``align*`` environment; it needs amsmath.

    Raises
    ------
    TypeError
        If ``cost`` is no recorded tensor.
    ValueError
        If the derivation would have more steps, or the cost does not depend on a tensor
        in ``wrt``.

    Examples
    --------
    >>> import autograd
    >>> from autograd import Tensor
    >>> w, x = Tensor(2.0, name="w"), Tensor(3.0, name="x")
    >>> print(autograd.latex(w * x, wrt=[w]))
    \begin{align*}
    &\textbf{Forward pass} \\
    L &= w\,x \\[1ex]
    &\textbf{Backward pass} \\
    \frac{\partial L}{\partial L} &= 1 \\
    \frac{\partial L}{\partial w} &= x && \text{multiply}
    \end{align*}
    """
    if not isinstance(cost, Tensor) or cost.op is None:
        raise TypeError(
            f"latex: needs a recorded tensor, the result of operations on tensors that "
            f"require a gradient; got {cost!r:.80}."
        )
    given = _given(names)

    def name_of(tensor: Tensor) -> str | None:
        found = given.get(id(tensor)) or given.get(id(tensor.data))
        return found or tensor.name or None

    return align(work_out(cost, name_of, wrt, max_lines))


def _given(names: Named | Sequence[Named] | None) -> dict[int, str]:
    """Return the names by the identity of what they stand for, while that lives."""
    tables = [names] if isinstance(names, Mapping) else list(names or ())
    inner = [v for table in tables for v in table.values() if isinstance(v, Mapping)]
    found: dict[int, str] = {}
    for table in (*tables, *inner):
        for name, value in table.items():
            if isinstance(value, Tensor | np.ndarray) and not str(name).startswith("_"):
                found.setdefault(id(value), str(name))
    return found


def align(working: Working) -> str:
    """Return a derivation as an ``align*`` environment."""
    passes = (("Forward pass", working.forward), ("Backward pass", working.backward))
    sections = [_section(title, blocks) for title, blocks in passes]
    body = " \\\\[1ex]\n".join(" \\\\\n".join(rows) for rows in sections)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _section(title: str, blocks: Sequence[Block]) -> list[str]:
    rows = [rf"&\textbf{{{title}}}"]
    for heading, block in headed(blocks):
        if heading:
            rows.append(rf"&\textit{{{escaped(heading)}}}")
        for line in block.lines:
            rows += _rows(line)
    return rows


def headed(blocks: Sequence[Block]) -> Iterator[tuple[str, Block]]:
    """Give each block with its heading: the path of its group, if there are groups."""
    for k, block in enumerate(blocks):
        yield " / ".join(block.scope) or ("other steps" if k else ""), block


def _rows(line: Line) -> list[str]:
    """Return a line; each further path has a row of its own."""
    rows = []
    for k, (part, note) in enumerate(zip(line.parts, line.notes, strict=True)):
        if k:
            row = rf"&\quad {'-' if part.negative else '+'} {latex_of(part.term)}"
        else:
            left = "" if line.is_simplified else f"{latex_of(line.left)} "
            row = f"{left}&= {latex_of(part.whole())}"
        rows.append(row + (rf" && \text{{{escaped(note)}}}" if note else ""))
    return rows
