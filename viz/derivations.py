"""`derivation`: the backward pass as equations, for papers, slides and the browser."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd import Tensor
from autograd.derivation.document import align, headed
from autograd.derivation.plain import text_of
from autograd.derivation.working import Line, Working, work_out
from viz.derivation_page import fragment, page
from viz.names import Names, clean

__all__ = ["Derivation", "derivation"]


def derivation(
    cost: Tensor,
    *,
    wrt: Tensor | Iterable[Tensor] | None = None,
    names: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    max_lines: int = 400,
) -> "Derivation":
    r"""Derive the gradients of a recorded computation, step by step.

    First each named quantity is computed; then every step of the backward pass follows,
    in the engine's order: the rule that runs, the shapes below the factors, sums where
    broadcasting is undone, one term for each path.  Where a shorter form is known and
    the numbers confirm it to nine digits, it follows as well, such as A2 - Y for a
    sigmoid with cross-entropy.

    Parameters
    ----------
    cost : Tensor
        A recorded tensor.
    wrt : Tensor or iterable of Tensor, optional
        The tensors whose gradients are wanted; by default all.
    names : dict or sequence of dict, optional
        Name -> tensor or array, for example ``locals()``; the entries of dicts in it
        count as well.  They go before the names that tensors have.
    title : str, optional
        A heading for the page.
    max_lines : int, default 400
        The most steps.

    Returns
    -------
    Derivation
        Shows itself in a notebook; ``.save("derivation.html")`` writes a page, and
        ``.save("derivation.tex")`` LaTeX.

    Raises
    ------
    TypeError
        If ``cost`` is no recorded tensor.
    ValueError
        If the derivation would have more than ``max_lines`` steps, or the cost does not
        depend on a tensor in ``wrt``.

    Notes
    -----
    Values without a name are written into the formulas of those that use them, or get a
    name of their own (U1, U2, ...), if they are used twice, for example.  Products of
    arrays are ⊙ if elementwise, powers and fractions of arrays are elementwise too, and
    𝟏 is an array of ones, or with brackets 1 where the condition holds and 0 elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> import viz
    >>> from autograd import Tensor
    >>> W, x = Tensor([[1.0, 2.0]], name="W"), np.array([[0.5], [0.25]])
    >>> A = np.tanh(W @ x)
    >>> print(viz.derivation(A, names=locals()).text())
    Forward pass
      U1 (1×1) = W x
      A (1×1) = tanh(U1)
    Backward pass
      ∂A/∂A (1×1) = 1
      ∂A/∂U1 (1×1) = 1 − A²    [tanh]
      ∂A/∂W (1×2) = ∂A/∂U1 xᵀ    [matmul]
    """
    if not isinstance(cost, Tensor) or cost.op is None:
        raise TypeError(
            f"derivation: needs a recorded tensor, the result of operations on tensors "
            f"that require a gradient; got {cost!r:.80}."
        )
    known = Names(names)

    def name_of(tensor: Tensor) -> str | None:
        name = known[tensor]
        return None if name is None else clean(name)

    working = work_out(cost, name_of, wrt, max_lines)
    return Derivation(working, None if title is None else clean(title))


class Derivation:
    """The derivation of gradients, as `derivation` makes it.

    Parameters
    ----------
    working : Working
        Its lines.
    title : str or None
        A heading for the page.
    """

    def __init__(self, working: Working, title: str | None = None) -> None:
        self._working = working
        self._title = title or f"Derivation of the gradients of {self._result}"

    @property
    def _result(self) -> str:
        return text_of(self._working.result)

    def latex(self) -> str:
        """Return an ``align*`` environment; it needs the package amsmath."""
        return align(self._working)

    def html(self) -> str:
        """Return a page in MathML that runs nothing and loads nothing."""
        return page(self._working, self._title)

    def text(self) -> str:
        """Return the derivation as plain text, one step a line."""
        passes = {"Forward": self._working.forward, "Backward": self._working.backward}
        rows = []
        for name, blocks in passes.items():
            rows.append(f"{name} pass")
            for heading, block in headed(blocks):
                rows += [f" {clean(heading)}"] * bool(heading)
                rows += [f"  {_text(line)}" for line in block.lines]
        return "\n".join(rows)

    def save(self, path: str | Path) -> Path:
        r"""Write the derivation to a file; the suffix decides the format.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.html``, ``.tex`` (to be used with ``\input``) or
            ``.txt``.  Missing folders are made.

        Returns
        -------
        Path
            The path.

        Raises
        ------
        ValueError
            If the suffix is another one.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": self.html,
            ".tex": lambda: f"% needs \\usepackage{{amsmath}}\n{self.latex()}\n",
            ".txt": lambda: f"{self.text()}\n",
        }
        if path.suffix.lower() not in writers:
            raise ValueError(
                f"save: the suffix decides the format, and {path.suffix!r} of "
                f"{path.name!r} is none of {', '.join(writers)}."
            )
        content = writers[path.suffix.lower()]()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return fragment(self._working)

    def _repr_latex_(self) -> str:
        return self.latex()

    def __repr__(self) -> str:
        steps = sum(len(block.lines) for block in self._working.backward)
        return f"<Derivation of the gradients of {self._result}: {steps} lines>"


def _text(line: Line) -> str:
    shape = "×".join(map(str, line.tensor.shape))
    left = f"{text_of(line.left)}{f' ({shape})' if shape else ''}"
    first, *others = (part for part in line.parts)
    right = text_of(first.whole())
    for part in others:
        right += f" {'−' if part.negative else '+'} {text_of(part.term)}"
    notes = " + ".join(filter(None, line.notes))
    return f"{left} = {right}" + (f"    [{notes}]" if notes else "")
