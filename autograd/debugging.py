"""Debug mode: find the operation and the line where a computation goes wrong.

Inside ``with debug():`` every operation is checked as it runs, in both passes.
Outside, nothing of this file runs.
"""

import hashlib
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.callsite import user_level
from autograd.engine import LEAF
from autograd.errors import InPlaceError
from autograd.nonfinite import in_backward, in_cotangent, in_forward
from autograd.recording import Recording, Switch, current, set_state
from autograd.tensor import Tensor, describe

__all__ = ["Debugger", "debug"]


class debug(Switch):
    """Check every operation: ``with debug():`` or ``@debug()``.

    - The first NaN or infinity, in the forward or in the backward pass, raises
      `NonFiniteError` with the operation, the line that recorded it, the index, the
      value of the input there, and what to write instead.
    - An array that was changed between the operation that used it and the backward pass
      raises `InPlaceError`, also where it was changed through NumPy.
    - `backward` warns of tensors that require a gradient and were used, or made, since
      the last one, but on which the result does not depend.
    - Results of operations know the line that made them, and messages name it.

    Notes
    -----
    Infinite values of the user's own, such as a mask of ``-inf``, are no error; an
    infinity that an operation makes from finite values is.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> x = ag.Tensor([0.0, 1.0])
    >>> with ag.debug():
    ...     try:
    ...         y = np.where(x > 0, np.log(x), 0.0)
    ...     except ag.NonFiniteError as error:
    ...         print(str(error).splitlines()[1])
      Apply where to the input of log, not to its result: log(where(x > 0, x, 1)).
    """

    def state(self, before: Recording) -> Recording:
        """Return the state with a debugger of its own."""
        return Recording(before.enabled, before.details, Debugger(), lines=True)


class Debugger:
    """What watches the operations of one `debug` block."""

    def __init__(self) -> None:
        # Leaves since the last backward pass; a dict, because it keeps their order.
        self.leaves: dict[Tensor, None] = {}

    def check_forward(self, out: Tensor, op: Any, inputs: Sequence[Tensor]) -> None:
        """Raise if an operation has made a NaN or an infinity; take digests."""
        if not _is_finite(out.data):
            in_forward(out, op, inputs)
        if out.op is None:
            return
        self.leaves.update((x, None) for x in inputs if x._op is LEAF)
        details = out._details.extended()
        details.digests = _digests(out)
        out._details = details

    @contextmanager
    def sweep(self, nodes: Sequence[Tensor]) -> Generator[None]:
        """Check the digests before a sweep, and leave the checking to the sweep."""
        for node in nodes:
            _check_digests(node)
        state = current()
        token = set_state(Recording(state.enabled, state.details))
        try:
            with np.errstate(all="ignore"):
                yield
        finally:
            token.var.reset(token)

    def check_product(self, node: Tensor, position: int, g: Any, product: Any) -> None:
        """Raise if the rule for one input of a node has made a NaN or an infinity."""
        if not _is_finite(_value(product)):
            in_backward(node, position, _value(g), _value(product))

    def check_cotangent(self, node: Tensor, cotangent: Any) -> None:
        """Raise if the sum of what arrived at a node is not finite."""
        if not _is_finite(_value(cotangent)):
            in_cotangent(node, _value(cotangent))

    def forget(self, leaves: Sequence[Tensor]) -> None:
        """Do not report these leaves: something depends on them."""
        for leaf in leaves:
            self.leaves.pop(leaf, None)

    def report_unreached(self, root: Tensor, reached: Sequence[Tensor]) -> None:
        """Warn of leaves that were used but do not influence the result."""
        self.forget(reached)
        unreached = [x for x in self.leaves if x._op is LEAF]
        self.leaves.clear()
        if unreached:
            warnings.warn(
                f"debug: {describe(root)} does not depend on "
                f"{', '.join(map(describe, unreached))}, which "
                f"require{'s' if len(unreached) == 1 else ''} a gradient and will get "
                f"none. Was the graph cut by float(), .item(), .data or .detach()?",
                UserWarning,
                stacklevel=user_level(),
            )


def _value(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


def _is_finite(value: Any) -> bool:
    return value.dtype.kind != "f" or bool(np.isfinite(value).all())


def _digests(node: Tensor) -> tuple[bytes, ...]:
    return tuple(_digest(x.data) for x in (*node.inputs, node))


def _digest(value: Any) -> bytes:
    """Return a fingerprint of an array; none is needed for immutable scalars."""
    if not isinstance(value, np.ndarray):
        return b""
    return hashlib.blake2b(np.ascontiguousarray(value).data, digest_size=16).digest()


def _check_digests(node: Tensor) -> None:
    recorded = node._details.digests
    if not recorded:
        return
    changed = [x for x, a, b in _compared(node, recorded) if a != b]
    if changed:
        x = changed[0]
        what = "its result" if x is node else describe(x)
        raise InPlaceError(
            f"backward: {describe(node)} used {what}, and the array was changed "
            f"afterwards, so the gradient would be wrong. Nothing was changed now. "
            f"Change a copy, or make the tensor with copy=True."
        )


def _compared(node: Tensor, recorded: Sequence[bytes]) -> Any:
    return zip((*node.inputs, node), recorded, _digests(node), strict=True)
