"""The backward sweep: reverse-mode differentiation of a recorded graph.

A graph node is a tensor: it knows the operation that made it (``op``), its inputs and
its value.  The sweep visits the nodes from the result towards the leaves, in an order
in which every node comes before its inputs.  At each node it multiplies the cotangent
that has arrived (the gradient of the result with respect to this node) by the local
derivative, one vector-Jacobian product per input, and adds the products up:

    input.cotangent += vjp(cotangent, output, *inputs)

While a sweep runs, the slot ``_cotangent`` of a node is

- ``None``      if the node takes no part in this sweep,
- ``pending``   if it takes part and nothing has arrived yet (one sentinel a sweep),
- otherwise the sum of what has arrived.

Nothing is written to ``.grad`` before the whole sweep has succeeded.

Reference: A. Griewank and A. Walther, "Evaluating Derivatives", 2nd edition, chapter 3.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.callsite import Site, describe_site, find_site
from autograd.errors import (
    ChalkgradError,
    DTypeError,
    GradientError,
    InPlaceError,
    ShapeError,
)
from autograd.hooks import IN_USE, call_hooks
from autograd.recording import current

__all__ = [
    "LEAF",
    "backward",
    "clock",
    "differentiate",
    "leaves_behind",
    "sum_to_shape",
]

# The mark that stands in place of an operation at a leaf that requires a gradient.
LEAF = object()

_float64 = np.float64
_NO_SETTINGS: dict[str, Any] = {}

# Sweeps of different threads take turns, because they may share nodes. A sweep inside a
# sweep (a rule or a hook that differentiates) is let in: it puts aside what it finds.
_LOCK = threading.RLock()


class _Clock:
    """Counts in-place writes; a node remembers the time at which it was made."""

    __slots__ = ("now", "writes")

    def __init__(self) -> None:
        self.now = 0
        # When and where the latest writes took place, for error messages.
        self.writes: deque[tuple[int, Site | None]] = deque(maxlen=1000)

    def tick(self) -> int:
        """Count a write, which the user's code made two calls above; return when."""
        self.now += 1
        self.writes.append((self.now, find_site(3)))
        return self.now

    def place(self, time: int) -> str:
        """Return `` at train.py:7`` for a write, or nothing if it is long ago."""
        site = dict(self.writes).get(time)
        return f" at {describe_site(site)}" if site else ""


clock = _Clock()


def backward(root: Any, gradient: Any, keep: str) -> None:
    """Run a sweep and write ``.grad``: leaves accumulate, other nodes are overwritten.

    Parameters
    ----------
    root : Tensor
        The result to differentiate.
    gradient : ndarray or NumPy scalar
        The seed, of the shape and dtype of ``root``.
    keep : {"all", "leaves"}
        Whether nodes that are not leaves get a ``.grad`` as well.
    """
    leaves = _leaves_below(root)
    if leaves is not None:
        with _LOCK:
            _pull_back_to_leaves(root, gradient, leaves)
        if keep == "all":
            root.grad = gradient.copy()
        return
    with _LOCK, _Sweep(root) as sweep:
        sweep.run(gradient, record=False, keep_all=keep == "all")
        if sweep.debugger is not None:
            sweep.debugger.report_unreached(root, sweep.leaves)
        sweep.write_gradients(keep_all=keep == "all")


def _leaves_below(root: Any) -> list[Any] | None:
    """Return the leaves, if one operation with products of its own is the whole graph.

    None if there is more to it: other operations, a leaf twice, hooks, debug mode.
    """
    op = root._op
    if op is LEAF or op.own_products is None or IN_USE:
        return None
    leaves = []
    for x in root.inputs:
        if x._op is LEAF:
            leaves.append(x)
        elif x._op is not None:
            return None
    is_plain = len({*leaves}) == len(leaves) and current().debugger is None
    return leaves if is_plain else None


def _pull_back_to_leaves(root: Any, gradient: Any, leaves: list[Any]) -> None:
    """Write ``.grad`` of the leaves: there is nothing to sort, to add up or to copy."""
    if root._version != clock.now:
        _check_unchanged(root)
    products = root._op.own_products(root._details.saved, gradient)
    totals = [
        product if x.grad is None else _accumulated(x, product)
        for x, product in zip(leaves, products, strict=True)
    ]
    for leaf, total in zip(leaves, totals, strict=True):
        leaf.grad = total


def differentiate(
    root: Any, seed: Any, wanted: Sequence[Any], record: bool | None = None
) -> list[Any]:
    """Return the cotangents of some tensors, leaving every ``.grad`` alone.

    Parameters
    ----------
    root : Tensor
        The result to differentiate.
    seed : ndarray, NumPy scalar or Tensor
        The cotangent of ``root``.
    wanted : sequence of Tensor
        What to differentiate with respect to.
    record : bool, optional
        Whether the sweep itself is recorded, so that its result can be differentiated
        again.  By default it is exactly when the result depends on a leaf that requires
        a gradient and is not among ``wanted``: that gradient must not be lost.

    Returns
    -------
    list of ndarray, Tensor or None
        One cotangent per wanted tensor; ``None`` where ``root`` does not depend on it.
    """
    with _LOCK, _Sweep(root) as sweep:
        if record is None:
            record = any(all(leaf is not x for x in wanted) for leaf in sweep.leaves)
        if sweep.debugger is not None:
            sweep.debugger.forget(sweep.leaves)
        sweep.narrow(wanted)
        if record:
            sweep.run(root._constant(seed), record=True, keep_all=True)
        else:
            sweep.run(seed, record=False, keep_all=True)
        found = [sweep.cotangent(x) for x in wanted]
    return [
        np.copy(c) if c is seed and seed.__class__ is np.ndarray else c for c in found
    ]


def leaves_behind(root: Any) -> list[Any]:
    """Return the leaves that require a gradient and on which a tensor depends."""
    if root._op is None:
        return []
    with _LOCK, _Sweep(root) as sweep:
        return list(sweep.leaves)


class _Sweep:
    """The nodes of one sweep in topological order, with their cotangents."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.pending = object()
        self.order: list[Any] = []
        self.leaves: list[Any] = []
        self.put_aside: list[tuple[Any, Any]] = []
        self.stack: list[Any] = [root]
        self.buffers: set[Any] = set()  # nodes whose cotangent this sweep allocated
        self.debugger = current().debugger
        # Hooks and debug mode look at every cotangent, the short way does not.
        self.inspects = self.debugger is not None or bool(IN_USE)

    def __enter__(self) -> "_Sweep":
        try:
            self._sort()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._release()

    def _release(self) -> None:
        for node in self.order:
            node._cotangent = None
        for leaf in self.leaves:
            leaf._cotangent = None
        for node in self.stack:  # not empty if sorting failed
            if node is not None and node._cotangent is self.pending:
                node._cotangent = None
        for node, cotangent in self.put_aside:
            node._cotangent = cotangent

    def _sort(self) -> None:
        """Fill ``order`` so that inputs come first: a depth-first walk with a stack."""
        pending, now = self.pending, clock.now
        order, leaves, stack = self.order, self.leaves, self.stack
        push, pop, place = stack.append, stack.pop, order.append
        while stack:
            node = pop()
            if node is None:  # every input of the node below has been placed
                place(pop())
                continue
            cotangent = node._cotangent
            if cotangent is pending:
                continue
            if cotangent is not None:  # an outer sweep is using this node
                self.put_aside.append((node, cotangent))
            node._cotangent = pending
            if node._op is LEAF:
                leaves.append(node)
                continue
            push(node)
            push(None)
            if node._version != now:
                _check_unchanged(node)
            a, b = node._a, node._b
            if a._op is not None and a._cotangent is not pending:
                push(a)
            if b is not None:
                if b._op is not None and b._cotangent is not pending:
                    push(b)
                more = node._details.more
                if more:
                    stack.extend([x for x in more if x._op is not None])

    def narrow(self, wanted: Sequence[Any]) -> None:
        """Leave out every node that does not depend on a wanted tensor."""
        useful = set(wanted)
        kept = []
        for node in self.order:
            if node in useful or any(x in useful for x in node.inputs):
                useful.add(node)
                kept.append(node)
            else:
                node._cotangent = None
        for leaf in self.leaves:
            if leaf not in useful:
                leaf._cotangent = None
        self.order = kept
        self.leaves = [leaf for leaf in self.leaves if leaf in useful]

    def cotangent(self, node: Any) -> Any:
        """Return what has arrived at a node: zeros if nothing, None if unreached."""
        arrived = node._cotangent
        if arrived is self.pending:
            zeros = np.zeros_like(node._data)
            return zeros if zeros.ndim else zeros[()]
        if isinstance(arrived, np.generic) and arrived.dtype != node._data.dtype:
            return arrived.astype(node._data.dtype)
        return arrived

    def run(self, seed: Any, *, record: bool, keep_all: bool) -> None:
        """Carry the seed from the root to the leaves.

        With ``record`` the rules are given tensors in place of arrays, so that what
        they compute is recorded and can be differentiated again.
        """
        self.root._cotangent = seed
        if self.debugger is None:
            self._visit_all(record, keep_all)
        else:
            with self.debugger.sweep(self.order):
                self._visit_all(record, keep_all)

    def _visit_all(self, record: bool, keep_all: bool) -> None:
        pending = self.pending
        scalar = None if self.inspects else _float64
        node = self.root
        try:
            for node in reversed(self.order):
                g = node._cotangent
                op = node._op
                if g.__class__ is scalar and op.pointwise:
                    # A scalar graph: nothing to sum away, nothing to own.
                    a, b = node._a, node._b
                    if b is None:
                        c = a._cotangent
                        if c is not None:
                            d = op.vjp_a(g, node._data, a._data)
                            a._cotangent = d if c is pending else c + d
                    else:
                        c = a._cotangent
                        if c is not None:
                            d = op.vjp_a(g, node._data, a._data, b._data)
                            a._cotangent = d if c is pending else c + d
                        c = b._cotangent
                        if c is not None:
                            d = op.vjp_b(g, node._data, a._data, b._data)
                            b._cotangent = d if c is pending else c + d
                elif g is not pending:
                    self._pull_back(node, g, record, keep_all)
                if not keep_all:
                    node._cotangent = None
            if self.inspects:
                for node in self.leaves:
                    self._inspected(node)
        except Exception as error:
            if not isinstance(error, ChalkgradError) and node.op is not None:
                error.add_note(f"while differentiating {node.op.name}{_at(node)}")
            raise

    def _inspected(self, node: Any) -> Any:
        """Return the complete cotangent of a node, after its hooks and a check."""
        if node._cotangent is not self.pending:
            node._cotangent = call_hooks(node, self.cotangent(node))
            if self.debugger is not None:
                self.debugger.check_cotangent(node, node._cotangent)
        return node._cotangent

    def _pull_back(self, node: Any, g: Any, record: bool, keep_all: bool) -> None:
        """Add the vector-Jacobian products of one node to the cotangents of its inputs.

        With ``record`` the rules are given tensors in place of arrays.
        """
        if self.inspects:
            g = self._inspected(node)
        op, details, inputs = node._op, node._details, node.inputs
        out = node if record else node._data
        values = inputs if record else [x._data for x in inputs]
        settings = details.settings or _NO_SETTINGS
        if op.add_into is not None and not record and not self.inspects:
            if inputs[0]._cotangent is not None:
                self._add_into(inputs[0], op.add_into, g, settings)
            return
        products = None
        scalar = None if self.inspects else _float64
        if details.saved is not None and not record:
            needs = [x._cotangent is not None for x in inputs]
            saved = details.saved
            products = op.fused.backward(g, out, saved, needs, *values, **settings)
        for position, x in enumerate(inputs):
            if x._cotangent is None:
                continue
            if products is not None:
                d = products[position]
            else:
                rule = op.rule(position)
                if rule is None:
                    continue
                d = rule(g, out, *values, **settings)
            data = x._data
            if d.__class__ is scalar and data.__class__ is scalar:
                c = x._cotangent  # nothing to fit, nothing to own
                x._cotangent = d if c is self.pending else c + d
                continue
            if (
                d.__class__ is not np.ndarray
                or d.shape != data.shape
                or d.dtype is not data.dtype
            ):
                d = _fit(d, x, node, position, record)
            if self.debugger is not None:
                self.debugger.check_product(node, position, g, d)
            if not record and (keep_all or x._op is LEAF):
                self._keep(x, d, g, out, values)
            elif x._cotangent is self.pending:
                x._cotangent = d
            else:
                x._cotangent = x._cotangent + d

    def _keep(self, x: Any, d: Any, g: Any, out: Any, values: Sequence[Any]) -> None:
        """Add to a cotangent that becomes a ``.grad``: its memory must be its own."""
        arrived = x._cotangent
        if arrived is self.pending:
            x._cotangent = _own(d, g, out, values)
        elif arrived.__class__ is np.ndarray:
            np.add(arrived, d, out=arrived)
        else:
            x._cotangent = arrived + d

    def _add_into(
        self, x: Any, add_into: Any, g: Any, settings: dict[str, Any]
    ) -> None:
        """Add a product that is mostly zeros to a cotangent, in place."""
        if x not in self.buffers:
            arrived = x._cotangent
            fresh = arrived is self.pending
            x._cotangent = np.zeros_like(x._data) if fresh else np.array(arrived)
            self.buffers.add(x)
        add_into(x._cotangent, g, **settings)

    def write_gradients(self, *, keep_all: bool) -> None:
        """Write ``.grad`` of every node, after all that can fail has been computed."""
        if self.root._cotangent.__class__ is np.ndarray:
            self.root._cotangent = self.root._cotangent.copy()  # the seed is the user's
        totals = [(leaf, self._total(leaf)) for leaf in self.leaves]
        for leaf, total in totals:
            leaf.grad = total
        if keep_all:
            for node in self.order:
                cotangent = node._cotangent
                if cotangent.__class__ is not node._data.__class__:
                    cotangent = self.cotangent(node)
                node.grad = cotangent
                node._cotangent = None
            self.order = []  # nothing is left to release

    def _total(self, leaf: Any) -> Any:
        """Return the new ``.grad`` of a leaf."""
        cotangent, old = leaf._cotangent, leaf.grad
        if cotangent.__class__ is _float64 and leaf._data.__class__ is _float64:
            if old is None:  # a scalar: nothing to convert or to copy
                return cotangent
            if old.__class__ is _float64 or old.__class__ is float:
                return old + cotangent
        return _accumulated(leaf, self.cotangent(leaf))


def _check_unchanged(node: Any) -> None:
    """Raise if an input, after its use, or the node was changed in place."""
    if node._details.written:
        raise _changed(node, "made a value", node._details.written)
    for x in node.inputs:
        written = max(x._version, x._details.written)
        if written > node._version:
            used = f"used {x.name or 'an input'} {_kind(x)}{_at(x)}"
            raise _changed(node, used, written)


def _changed(node: Any, what: str, written: int) -> InPlaceError:
    hint = "" if node.created_at else " Inside autograd.debug() this names every line."
    return InPlaceError(
        f"backward: {node.op.name}{_at(node)} {what}, which was changed in place "
        f"afterwards{clock.place(written)}, so its gradient would be wrong. No .grad "
        f"was changed. Compute the result again after the change, or change it after "
        f"backward().{hint}"
    )


def _accumulated(leaf: Any, cotangent: Any) -> Any:
    """Return the new ``.grad`` of a leaf: the old one plus the cotangent, copied."""
    data, old = leaf._data, leaf.grad
    if data.dtype.kind != "f":
        raise DTypeError(
            f"backward: {leaf.name or 'a leaf'} {_kind(leaf)}{_at(leaf)} requires a "
            f"gradient, but only floating-point values can have one. "
            f"Write Tensor(values, dtype=float)."
        )
    if old is None:
        return cotangent
    total = old + cotangent
    if np.shape(total) != data.shape:
        raise ShapeError(
            f"backward: .grad of {leaf.name or 'a leaf'} has shape {np.shape(old)}, "
            f"its value has shape {data.shape}. Set .grad = None before backward()."
        )
    if total.__class__ is np.ndarray and total.dtype != data.dtype:
        total = total.astype(data.dtype)
    return total


def _fit(d: Any, x: Any, node: Any, position: int, record: bool) -> Any:
    """Give a vector-Jacobian product the shape and dtype of the input it belongs to."""
    data = x._data
    shape = data.shape
    if not hasattr(d, "shape"):  # a Python number
        d = np.asarray(d)
    if d.shape != shape:
        if not node.op.broadcasts or not _broadcasts_to(shape, d.shape):
            raise GradientError(
                f"the rule of {node.op.name} for input {position} returned shape "
                f"{d.shape}, but that input has shape {shape}{_at(node)}."
            )
        d = sum_to_shape(d, shape)
    if d.dtype != data.dtype:
        d = d.astype(data.dtype)
    if not record and not shape and d.__class__ is np.ndarray:
        d = d[()]  # a 0-d value is held as a NumPy scalar
    return d


def _broadcasts_to(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    if len(shape) > len(larger):
        return False
    aligned = larger[len(larger) - len(shape) :]
    return all(n in (1, m) for n, m in zip(shape, aligned, strict=True))


def sum_to_shape(g: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum ``g`` over the axes along which ``shape`` was repeated.

    If ``y = broadcast(x)``, then every element of ``x`` was used once per copy, and
    gradients from different uses add up.
    """
    extra = g.ndim - len(shape)
    if extra == 1 and g.ndim == 2 and shape[0] == g.shape[1] and type(g) is np.ndarray:
        return np.ones(len(g), g.dtype) @ g  # a matrix-vector product: 2-6x g.sum(0)
    if extra:
        g = np.sum(g, axis=tuple(range(extra)))
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1)
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def _own(d: Any, g: Any, out: Any, values: Sequence[Any]) -> Any:
    """Return ``d``, copied if it shares memory with anything outside the sweep."""
    if d.__class__ is not np.ndarray:
        return d
    if d.base is None:
        fresh = d is not g and d is not out and all([d is not v for v in values])
    else:
        memory = _memory(d)
        fresh = d.flags.writeable and all(
            [memory is not _memory(other) for other in (g, out, *values)]
        )
    return d if fresh else d.copy()


def _memory(array: Any) -> Any:
    """Return the array that owns the memory of ``array``."""
    base = getattr(array, "base", None)
    return array if base is None else base


def _kind(node: Any) -> str:
    return f"{node._data.shape} {node._data.dtype}"


def _at(node: Any) -> str:
    return f" ({node.created_at})" if node.created_at else ""
