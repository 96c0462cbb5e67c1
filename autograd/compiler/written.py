"""Operations whose second implementation is written out as lines.

It is worth its lines where arrays are small, and looking at settings takes as long as
computing. The lines do what the second implementation does, in the same order, so that
every bit is the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.lowering import Lowering
from autograd.compiler.operands import Operand

__all__ = ["CrossEntropy"]


class CrossEntropy:
    """The cross entropy of rows of logits and their classes, all of which count.

    Parameters
    ----------
    lowering : Lowering
        Takes the lines.
    inputs : sequence of Operand
        The logits and the classes.
    settings : dict
        As of the operation.
    """

    def __init__(
        self, lowering: Lowering, inputs: Sequence[Operand], settings: dict[str, Any]
    ) -> None:
        logits, classes = inputs
        self._lowering = lowering
        self._count = len(logits.value)
        self._reduction = settings["reduction"]
        every = np.arange(self._count)
        rows = Operand(lowering.function("rows", every), every)
        self._names = {"Z": logits, "y": classes, "rows": rows}

    @staticmethod
    def fits(tensor: Any) -> bool:
        """Return whether an operation is one of these."""
        settings = tensor.settings or {}
        return (
            tensor.op.name == "cross_entropy"
            and len(tensor.inputs) == 2
            and tensor.inputs[0].ndim == 2
            and tensor.inputs[0].size > 0
            and not settings["label_smoothing"]
            and settings["ignore_index"] < 0  # plans are given no negative integers
            and bool(np.all(tensor.inputs[1].data >= 0))
        )

    def forward(self, target: str) -> Operand:
        """Write the lines of the value."""
        self._set("Z", "Z - np.max(Z, axis=1, keepdims=True)", "shifted")
        self._set("P", "np.exp(Z)", "exps")
        self._set("S", "P @ np.ones(P.shape[1], P.dtype)", "sums")
        self._set("P", "P / np.reshape(S, (-1, 1))", "probabilities")
        losses = "np.log(S) - Z[rows, y]"
        if self._reduction == "none":
            return self._line(losses, target)
        self._set("L", losses, "losses")
        mean = f" / {self._count}" if self._reduction == "mean" else ""
        return self._line(f"np.sum(L){mean}", target)

    def backward(self, g: Operand, needs: Sequence[bool]) -> list[Operand | None]:
        """Write the lines of the cotangent of the logits."""
        g = self._lowering.settled(g)
        self._names["G"] = g
        if self._reduction == "none":
            self._set("G", "np.reshape(G, (-1, 1))", "share")
        elif self._reduction == "mean":
            self._set("G", f"G / {self._count}", "share")
        found = self._line("P * G", "d_logits")
        share = g if self._reduction == "none" else self._names["G"]
        classes, rows = self._names["y"], self._names["rows"]
        text = f"{found.text}[rows, {classes.text}] -= {share.text}"
        self._lowering.change(text, found, share.names | classes.names)
        found.value[rows.value, classes.value] -= share.value
        return [found, None]

    def _set(self, name: str, text: str, target: str) -> None:
        self._names[name] = self._line(text, target)

    def _line(self, text: str, target: str) -> Operand:
        return self._lowering.lower(text, self._names, target, None, None)
