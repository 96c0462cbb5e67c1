"""The lines of a backward pass."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.buffers import Buffers
from autograd.compiler.cotangents import CotangentWriter
from autograd.compiler.forward import VIEWS
from autograd.compiler.lines import Line
from autograd.compiler.operands import Operand, overlapping
from autograd.compiler.trace import View
from autograd.engine import sum_to_shape
from autograd.formula import formula
from autograd.program.patterns import shortcuts
from autograd.tensor import Tensor

__all__ = ["BackwardWriter"]

# Operations whose own formula, which they give for readers, is what their rule does.
_TRUSTED = ("linear", "relu")
# How much gradients may differ from those of the rules, as terms are added otherwise.
_RTOL = {"float32": 1e-5, "float64": 1e-12}


class BackwardWriter(CotangentWriter):
    """Writes both passes of a plan; its parameters are those of `ArrayPlan`.

    Attributes
    ----------
    backward : list of Line
        The pass.
    found : list of Operand
        The gradients.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        super().__init__(order, sources, wanted, views)
        marked = [x for x, w in zip(sources, wanted, strict=True) if w]
        for tensor in order:
            if tensor not in self._operands:  # passed over by a run
                continue
            self._id(tensor)
        self._shortcuts = shortcuts(order, self._ids)  # type: ignore[arg-type]
        self._pull_back_all(marked)
        self.found = [self._handed_over(x) for x in marked]
        self.backward = self._lines

    def _pull_back_all(self, marked: Sequence[Tensor]) -> None:
        root = self._order[-1]
        if root in self._useful:
            self._gradients[root] = _seed(root)
        for tensor in reversed(self._order):
            if tensor.op is None or tensor in self._sources:
                continue
            if tensor in self._in_run:
                if tensor in self._runs:
                    self._run_backward(self._runs[tensor])
            elif tensor in self._useful and self._has_arrived(tensor):
                g = self._cotangent(tensor)
                if g.is_array and tensor.op.name not in VIEWS:
                    g = self._lowering.laid_out_like(g, self._operands[tensor].value)
                self._pull_back(tensor, g)

    # ---- one operation ---------------------------------------------------------------

    def _pull_back(self, tensor: Tensor, g: Operand) -> None:
        """Write the products of one operation with the cotangent of its result."""
        op = tensor.op
        assert op is not None
        if op.add_into is not None:
            if tensor.inputs[0] in self._useful:
                self._parts[tensor.inputs[0]].append((tensor, g))
            return
        shortcut = self._shortcuts.get(tensor)
        if shortcut is not None and op.name == "add":
            self._short(tensor, g, shortcut)
            return
        if tensor in self._written:
            needs = [x in self._useful for x in tensor.inputs]
            products = self._written[tensor].backward(g, needs)
            for x, product in zip(tensor.inputs, products, strict=True):
                if product is not None:
                    self._arrive(x, product)
            return
        if tensor._details.saved is not None and not self._is_plain(tensor):
            self._fused_back(tensor, g)
            return
        for k, x in enumerate(tensor.inputs):
            if x in self._useful and op.rule(k) is not None:
                self._apply_rule(tensor, g, k)

    def _is_plain(self, tensor: Tensor) -> bool:
        """Return whether rules are better than a second implementation.

        They are where that keeps nothing that they would have to compute, and they are
        made of NumPy's functions: products of many steps become one.
        """
        op, saved = tensor.op, tensor._details.saved
        assert op is not None
        if type(saved) is not tuple or saved or any(op.formulas):
            return False
        wanted = [k for k, x in enumerate(tensor.inputs) if x in self._useful]
        texts = [formula(tensor, k, self._id) for k in wanted]
        return all(text and "PRIMITIVES" not in text for text in texts)

    def _short(self, tensor: Tensor, g: Operand, shortcut: Any) -> None:
        """Write a derivative that goes straight past some operations."""
        names = {**self._names, "G": g}
        target = f"g_{self._name_of(shortcut.target)}"
        z = shortcut.target
        product = self._lowering.lower(shortcut.formula, names, target, z._data, None)
        self._arrive(z, product)

    def _apply_rule(self, tensor: Tensor, g: Operand, k: int) -> None:
        """Write the rule for one input: lines of NumPy's functions, or a call."""
        op, x = tensor.op, tensor.inputs[k]
        assert op is not None
        out, *inputs = [_signed(self._operands[t]) for t in (tensor, *tensor.inputs)]
        rule: Any = op.rule(k)
        with np.errstate(all="ignore"):
            right = rule(_signed(g), out, *inputs, **(tensor.settings or {}))
        expected = _fitted(right, x)
        target = f"g_{self._name_of(x)}"
        if op.name in _TRUSTED or not any(op.formulas):
            text = formula(tensor, k, self._id)
            names = {**self._names, "G": g}
            if self._put_off(x, text, names):
                return
            rtol = _RTOL.get(x.dtype.name, 0.0)
            try:
                product = self._lowering.lower(text, names, target, expected, rtol)
            except Exception:  # whatever the reason, the rule can be called
                pass
            else:
                self._arrive(x, product)
                return
        self._call_rule(tensor, g, k, rule, right)

    def _call_rule(
        self, tensor: Tensor, g: Operand, k: int, rule: Any, right: Any
    ) -> None:
        """Write the call of a rule."""
        op, x = tensor.op, tensor.inputs[k]
        assert op is not None
        known = self.globals.get(f"{op.name}_vjp{k}", rule) if op.sequence else rule
        name = self._function(f"{op.name}_vjp{k}", known)
        g = self._lowering.settled(g)
        operands = [
            g,
            self._settled(tensor),
            *[self._settled(t) for t in tensor.inputs],
        ]
        settings, names_read = self._settings(tensor)
        text = f"{name}({', '.join([y.text for y in operands])}{settings})"
        reads = names_read.union(*[y.names for y in operands])
        self._arrive(x, self._called_product(text, reads, right, x, operands))

    def _called_product(
        self,
        text: str,
        reads: frozenset[str],
        value: Any,
        x: Tensor,
        operands: Sequence[Operand],
    ) -> Operand:
        """Write the call of a rule, and give its result the shape and dtype of x."""
        if not hasattr(value, "shape"):
            text, value = f"np.asarray({text})", np.asarray(value)
        if value.shape != x.shape:
            text = f"sum_to_shape({text}, {x.shape})"
            value = sum_to_shape(value, x.shape)
        if value.dtype != x.dtype:
            text, value = f"{text}.astype(np.{x.dtype})", value.astype(x.dtype)
        if not x.shape and isinstance(value, np.ndarray):
            text, value = f"{text}[()]", value[()]
        name = self._lowering.fresh(f"g_{self._name_of(x)}")
        shares = overlapping(value, operands)
        if isinstance(value, np.ndarray) and not value.flags.writeable:
            shares = tuple(reads)
        self._lines.append(Line((name,), text, reads, (value,), shares=shares))
        return Operand(name, value, frozenset([name]))

    def _fused_back(self, tensor: Tensor, g: Operand) -> None:
        op, inputs = tensor.op, tensor.inputs
        assert op is not None
        assert op.fused is not None
        needs = tuple([x in self._useful for x in inputs])
        g = self._lowering.settled(g)
        out = self._settled(tensor)
        operands = [self._settled(x) for x in inputs]
        saved = f"kept_{self._name_of(tensor)}"
        settings, names = self._settings(tensor)
        function = self._function(f"{op.name}_backward", op.fused.backward)
        texts = [g.text, out.text, saved, repr(needs), *[x.text for x in operands]]
        text = f"{function}({', '.join(texts)}{settings})"
        reads = names.union(g.names, out.names, [saved], *[x.names for x in operands])
        values = op.fused.backward(
            g.value,
            out.value,
            tensor._details.saved,
            needs,
            *[x.value for x in operands],
            **tensor.settings,
        )
        fresh = self._lowering.fresh
        products = [
            fresh(f"d{k}_{self._name_of(tensor)}") if need else "_"
            for k, need in enumerate(needs)
        ]
        shares: list[str] = []
        for value in values:
            shares += overlapping(value, [g, out, *operands])
        if _lies_in(values, tensor._details.saved) or _overlap(values):
            shares.append(saved)
        line = Line(tuple(products), text, reads, tuple(values), shares=tuple(shares))
        line.unpacks = True
        self._lines.append(line)
        for k, x in enumerate(inputs):
            if needs[k]:
                part = Operand(products[k], values[k], frozenset([products[k]]))
                self._arrive(x, self._fitting(part, x))

    def _fitting(self, part: Operand, x: Tensor) -> Operand:
        """Return a product in the shape and dtype of the input it belongs to."""
        value = part.value
        if getattr(value, "shape", None) == x.shape and value.dtype == x.dtype:
            return part
        return self._called_product(part.text, part.names, value, x, [part])

    # ---- runs ------------------------------------------------------------------------

    def _run_backward(self, run: Any) -> None:
        """Write the backward pass of a run, if anything has arrived at it."""
        arriving: dict[Tensor, Operand] = {}
        for t in [*run.members, *run.inputs]:
            if t in self._useful and self._has_arrived(t):
                arriving[t] = self._lowering.settled(self._cotangent(t))
        if not any([t in arriving for t in run.members]):
            return
        numbers = {t for t, g in arriving.items() if g.spread is not None}
        arriving = {t: g.spread or g for t, g in arriving.items()}
        texts = {t: g.text for t, g in arriving.items()}
        text = run.backward_text(texts, numbers)
        self.functions.append(text)
        read = run.read_again
        wanted = [x for x in run.inputs if x in self._useful]
        operands = [*[self._operands[x] for x in read], *arriving.values()]
        call = f"{run.name}_back({', '.join([x.text for x in operands])})"
        exec(text, self.globals)
        found = tuple([np.empty_like(x._data, order="C") for x in wanted])
        self.globals[f"{run.name}_back"](*[x.value for x in operands], *found)
        fresh = self._lowering.fresh
        targets = tuple([fresh(f"g_{self._name_of(x)}") for x in wanted])
        reads = frozenset().union(*[x.names for x in operands])
        line = Line(targets, call, reads, found, takes_out=True, is_run=True)
        self._lines.append(line)
        for x, name, value in zip(wanted, targets, found, strict=True):
            self._gradients[x] = Operand(name, value, frozenset([name]))

    # ---- results ---------------------------------------------------------------------

    def _handed_over(self, source: Tensor) -> Operand:
        if not self._has_arrived(source):
            x = self._operands[source]
            text = f"np.zeros_like({x.text})[()]"
            return Operand(text, np.zeros_like(x.value)[()], x.names)
        return self._lowering.settled(self._cotangent(source))

    def handed_out(self, buffers: Buffers) -> list[str]:
        """Return the gradients as text; each in memory that is nobody else's."""
        taken: set[str] = set()
        made = {name for line in self.backward for name in line.targets}
        return [_own(x, buffers, made, taken) for x in self.found]

    def returned(self, buffers: Buffers) -> str:
        """Return the result as text."""
        made = {name for line in self.forward for name in line.targets}
        return _own(self.result, buffers, made, set())


def _own(x: Operand, buffers: Buffers, made: set[str], taken: set[str]) -> str:
    """Return the text of a value; of a copy, where its memory is not its own.

    Parameters
    ----------
    x : Operand
        The value.
    buffers : Buffers
        Know where names lie.
    made : set of str
        What the same pass sets.
    taken : set of str
        Whose memory has been handed out; that of the value is added.
    """
    if not x.is_array or x.text.startswith("np.zeros_like("):
        return x.text
    roots = {root for name in x.names for root in buffers.roots(name)}
    is_own = len(roots) == 1 and roots <= buffers.made & made and not roots & taken
    taken |= roots
    return x.text if is_own and x.spread is None else f"{x.text}.copy()"


def _seed(root: Tensor) -> Operand:
    value = np.ones(root.shape, root.dtype)[()]
    return Operand("seed", value, frozenset(["seed"]))


def _signed(g: Operand) -> Any:
    return -g.value if g.is_minus else g.value


def _fitted(d: Any, x: Tensor) -> Any:
    """Return a product in the shape and dtype of its input, as the engine does."""
    d = np.asarray(d)
    d = sum_to_shape(d, x.shape) if d.shape != x.shape else d
    return np.asarray(d, x.dtype)


def _overlap(values: Sequence[Any]) -> bool:
    """Return whether two of some arrays may lie in the same memory."""
    arrays = [x for x in values if isinstance(x, np.ndarray)]
    return any(
        [np.may_share_memory(x, y) for k, x in enumerate(arrays) for y in arrays[:k]]
    )


def _lies_in(values: Sequence[Any], saved: Any) -> bool:
    """Return whether a value may lie in the memory of what was kept."""
    if isinstance(saved, np.ndarray):
        return any(
            [
                isinstance(x, np.ndarray) and np.may_share_memory(x, saved)
                for x in values
            ]
        )
    if isinstance(saved, list | tuple):
        return any([_lies_in(values, part) for part in saved])
    return saved is not None and not isinstance(saved, int | float | np.generic)
