"""The lines of a forward pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from autograd.compiler.convolutions import Convolution
from autograd.compiler.lines import Line
from autograd.compiler.lowering import Lowering
from autograd.compiler.operands import Operand, overlapping
from autograd.compiler.tiles import Run, find_runs, flat
from autograd.compiler.trace import View
from autograd.compiler.written import CrossEntropy
from autograd.engine import sum_to_shape
from autograd.formula import expression
from autograd.graph_order import depending_on
from autograd.program.values import vocabulary
from autograd.tensor import Tensor

__all__ = ["VIEWS", "ForwardWriter"]

_WRITTEN_OUT = (bool, int, str, type(None), type(Ellipsis))

_SMALL = 1 << 14  # elements; up to there np.maximum is as fast as np.clip

# Operations whose results are mostly views, which can be made once if the arrays stay.
VIEWS = ("getitem", "reshape", "transpose")

# What operations compute, by their setting, where that is worth lines of their own.
_TEXTS: dict[str, dict[Any, str]] = {
    "rnn_step": {
        "tanh": "np.tanh({1} @ {2}.T + {0})",
        "relu": "np.maximum({1} @ {2}.T + {0}, 0)",
    },
}


class ForwardWriter:
    """Writes the forward pass of a plan; its parameters are those of `ArrayPlan`.

    Attributes
    ----------
    forward : list of Line
        The pass.
    result : Operand
        Its result.
    functions : list of str
        The functions of runs.
    globals : dict
        The objects that the lines name.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        self.globals: dict[str, Any] = {
            "np": np,
            "sum_to_shape": sum_to_shape,
            "flat": flat,
        }
        self.functions: list[str] = []
        self._order = order
        self._views = views
        self._lowering = Lowering(self._function, vocabulary)
        self._operands: dict[Any, Operand] = {}  # of tensors, and of ids of arrays
        self._names: dict[str, Operand] = {}  # of tensors in formulas
        self._ids: dict[Tensor, str] = {}
        self._written: dict[Tensor, CrossEntropy | Convolution] = {}
        self._sources = {x for x in sources if isinstance(x, Tensor)}
        self._read_sources(sources)
        marked = [x for x, w in zip(sources, wanted, strict=True) if w]
        self._useful = depending_on(order, marked)
        self._find_runs()
        for tensor in order:
            if tensor not in self._operands:
                self._operands[tensor] = self._computed(tensor)
        self.result = self._lowering.settled(self._operands[order[-1]])
        self.forward = self._lowering.lines
        self._lowering.lines = []
        self._lowering.is_exact = False  # gradients need not be equal to the last bit

    @property
    def _lines(self) -> list[Line]:
        return self._lowering.lines

    def _read_sources(self, sources: Sequence[Any]) -> None:
        names, values = [], []
        for k, x in enumerate(sources):
            names.append(f"s{k}")
            values.append(x._data if isinstance(x, Tensor) else x)
            key = x if isinstance(x, Tensor) else id(x)
            self._operands[key] = _named(names[-1], values[-1])
        if names:
            line = Line(tuple(names), "values", frozenset(), tuple(values))
            line.unpacks = True
            self._lines.append(line)

    def _computed(self, tensor: Tensor) -> Operand:
        """Return where the value of a tensor is, after writing lines for it."""
        if tensor in self._views:
            return self._part(self._views[tensor], tensor._data)
        op = tensor.op
        if op is None:
            return Operand(self._global(tensor._data), tensor._data)
        if tensor in self._in_run:
            if tensor in self._runs:
                self._write_run(tensor)
            return _named(self._texts[tensor], tensor._data)
        target = f"v{len(self._operands)}"
        written = self._written_out(tensor)
        if written is not None:
            self._written[tensor] = written
            result = written.forward(target)
            return result if result.is_array else self._numbered(result, target)
        keeps = tensor._details.saved is not None and tensor in self._useful
        if keeps and op.name not in _TEXTS:
            return self._fused(tensor, self._lowering.fresh(target))
        found = self._lowered(tensor, target)
        return found or self._called(tensor, self._lowering.fresh(target))

    def _lowered(self, tensor: Tensor, target: str) -> Operand | None:
        """Write an operation as lines of NumPy's functions, if it is made of them."""
        op = tensor.op
        assert op is not None
        names = [self._id(x) for x in tensor.inputs]
        text = ""
        if op.name == "relu" and tensor.dtype == np.float32 and tensor.size > _SMALL:
            text = f"np.clip({names[0]}, 0, np.inf)"
        elif op.name == "linear":
            text = _linear_text(tensor, names)
        elif op.name in _TEXTS:
            settings = tensor.settings or {}
            text = _TEXTS[op.name][next(iter(settings.values()))].format(*names)
        elif not op.sequence:
            text = expression(tensor, self._id)
        if not text:
            return None
        try:
            found = self._lowering.lower(text, self._names, target, tensor._data)
        except Exception:  # whatever the reason, the operation can be called
            return None
        return found if found.is_array else self._numbered(found, target)

    def _written_out(self, tensor: Tensor) -> CrossEntropy | Convolution | None:
        """Return what writes an operation as lines, if there is such a thing."""
        for kind in (CrossEntropy, Convolution):
            if kind.fits(tensor):
                inputs = [self._settled(x) for x in tensor.inputs]
                return kind(self._lowering, inputs, tensor.settings)
        return None

    def _called(self, tensor: Tensor, target: str) -> Operand:
        """Write an operation as a call."""
        op = tensor.op
        assert op is not None
        inputs = [self._settled(x) for x in tensor.inputs]
        texts = ", ".join([x.text for x in inputs])
        texts = f"[{texts}]" if op.sequence else texts
        settings, names = self._settings(tensor)
        function = self._function(op.name, op.forward)
        text = f"{function}({texts}{settings})"
        text = text if tensor.ndim else f"{text}[()]"
        reads = names.union(*[x.names for x in inputs])
        # Where the result lies decides what may be written over: see for yourself.
        with np.errstate(all="ignore"):
            value = op.compute([x.value for x in inputs], tensor.settings or {})
        value = value if getattr(value, "ndim", 0) else tensor._data
        shares = overlapping(value, inputs)
        line = Line((target,), text, reads, (value,), shares=shares)
        line.is_view = bool(shares) and op.name in VIEWS and not names
        self._lines.append(line)
        return _named(target, value)

    def _fused(self, tensor: Tensor, target: str) -> Operand:
        """Write the second implementation of an operation, which keeps something."""
        op = tensor.op
        assert op is not None
        assert op.fused is not None
        inputs = [self._settled(x) for x in tensor.inputs]
        settings, names = self._settings(tensor)
        function = self._function(f"{op.name}_forward", op.fused.forward)
        text = f"{function}({', '.join([x.text for x in inputs])}{settings})"
        reads = names.union(*[x.names for x in inputs])
        raw = target if tensor.ndim else self._lowering.fresh(f"raw_{target}")
        values = tensor._data, tensor._details.saved
        line = Line((raw, self._saved(target)), text, reads, values)
        # What is kept may be anything that the operation had in its hands.
        line.shares = tuple(reads)
        self._lines.append(line)
        if raw != target:
            line = Line((target,), f"{raw}[()]", frozenset([raw]), (tensor._data,))
            self._lines.append(line)
        return _named(target, tensor._data)

    # ---- runs ------------------------------------------------------------------------

    def _find_runs(self) -> None:
        order = self._order
        self._runs: dict[Tensor, Any] = find_runs(order, self._sources, self._useful)
        self._in_run = {t for members in self._runs.values() for t in members}
        self._texts = {
            t: self._lowering.fresh(f"u{k + 1}")
            for k, t in enumerate(self._in_order(self._in_run))
        }
        self._readers: dict[Tensor, set[Tensor]] = {order[-1]: {order[-1]}}
        for t in order:
            for x in t.inputs if t.op is not None and t not in self._sources else ():
                self._readers.setdefault(x, set()).add(t)

    def _in_order(self, tensors: set[Tensor]) -> list[Tensor]:
        return [t for t in self._order if t in tensors]

    def _write_run(self, last: Tensor) -> None:
        """Write a run of elementwise operations as one function."""
        members = self._runs[last]
        inside = set(members)
        result = self._order[-1]
        outside = {t for t in members if t is result or not self._readers[t] <= inside}
        inputs = [x for t in members for x in t.inputs if x not in inside]
        for x in inputs:
            self._texts[x] = self._atomic(x)

        def function(op: Any, position: int | None) -> str:
            if position is None:
                return self._function(op.name, op.forward)
            return self._function(f"{op.name}_vjp{position}", op.vjps[position])

        name = f"run{len(self.functions) + 1}"
        run = Run(name, members, outside, self._useful, self._texts, function)
        self._runs[last] = run
        self.functions.append(run.forward_text())
        text = f"{name}({', '.join([self._texts[x] for x in run.inputs])})"
        reads = frozenset().union(*[self._operands[x].names for x in run.inputs])
        values = tuple([t._data for t in run.outputs])
        targets = tuple([self._texts[t] for t in run.outputs])
        line = Line(targets, text, reads, values, takes_out=True, is_run=True)
        self._lines.append(line)

    def _atomic(self, x: Tensor) -> str:
        """Return a single name for the value of a tensor."""
        found = self._settled(x)
        if not found.text.isidentifier():
            name = self._lowering.fresh()
            shares = tuple(found.names)
            self._lines.append(
                Line((name,), found.text, found.names, (found.value,), shares=shares)
            )
            found = self._operands[x] = _named(name, found.value)
        return found.text

    # ---- pieces of text --------------------------------------------------------------

    def _settled(self, x: Tensor) -> Operand:
        """Return the value of a tensor with its sign carried out."""
        found = self._lowering.settled(self._operands[x])
        self._operands[x] = found
        return found

    def _id(self, tensor: Tensor) -> str:
        """Return the name of a tensor in formulas; empty for a constant number."""
        if tensor.op is None and not tensor.requires_grad and not tensor.ndim:
            return ""
        if tensor not in self._ids:
            self._ids[tensor] = f"x_{len(self._ids)}"
        name = self._ids[tensor]
        if tensor in self._operands:
            self._names[name] = self._operands[tensor]
        return name

    def _numbered(self, x: Operand, target: str) -> Operand:
        """Give a number a line of its own, so that it is computed once."""
        if x.spread is not None:
            number = self._numbered(replace(x.spread, is_minus=x.is_minus), target)
            return self._lowering.broadcast(number, Operand("", x.value.shape))
        if x.text.isidentifier() or not x.names:
            return x
        name = self._lowering.fresh(target)
        self._lines.append(Line((name,), x.text, x.names, (x.value,)))
        return Operand(name, x.value, frozenset([name]), x.is_minus)

    def _saved(self, target: str) -> str:
        return f"kept_{target}"

    def _settings(self, tensor: Tensor) -> tuple[str, frozenset[str]]:
        """Return the settings as arguments, and the names among them."""
        names: set[str] = set()
        texts = [
            f", {key}={self._setting(value, names)}"
            for key, value in (tensor.settings or {}).items()
        ]
        return "".join(texts), frozenset(names)

    def _setting(self, value: Any, names: set[str]) -> str:
        if type(value) in _WRITTEN_OUT or (type(value) is float and isfinite(value)):
            return "..." if value is Ellipsis else repr(value)
        if isinstance(value, np.ndarray) and id(value) in self._views:
            if id(value) not in self._operands:
                part = self._part(self._views[id(value)], value)
                self._operands[id(value)] = part
            found = self._operands[id(value)]
            names.update(found.names)
            return found.text
        if type(value) in (tuple, list):
            items = ", ".join([self._setting(x, names) for x in value])
            if type(value) is list:
                return f"[{items}]"
            return f"({items}{',' * (len(value) == 1)})"
        return self._global(value)

    def _part(self, view: View, value: Any) -> Operand:
        """Return a part of a source."""
        name = self._lowering.fresh(f"w{len(self.globals)}")
        self.globals[f"part_{name}"] = view.of
        source = f"s{view.argument}"
        text = f"part_{name}({source})"
        reads = frozenset([source])
        line = Line((name,), text, reads, (value,), shares=(source,))
        self._lines.append(line)
        return _named(name, value)

    def _global(self, value: Any) -> str:
        """Return the name of an object that stays what it is."""
        for name, known in self.globals.items():
            if known is value:
                return name
        name = f"c{len(self.globals)}"
        self.globals[name] = value
        return name

    def _function(self, name: str, function: Callable[..., Any]) -> str:
        """Return the name of a function, or of a constant array, that lines use."""
        is_data = isinstance(function, np.ndarray | np.generic)
        while True:
            known = self.globals.setdefault(name, function)
            if known is function or (is_data and _same_data(known, function)):
                return name
            name += "_"


def _linear_text(tensor: Tensor, names: Sequence[str]) -> str:
    """Return an affine map as text: as the operation, by rows."""
    x = tensor.inputs[0]
    rows = names[0]
    if x.ndim != 2:
        rows = f"np.reshape({rows}, (-1, {x.shape[-1]}))"
    text = " + ".join([f"{rows} @ {names[1]}.T", *names[2:]])
    return text if x.ndim == 2 else f"np.reshape({text}, {tensor.shape})"


def _named(name: str, value: Any) -> Operand:
    return Operand(name, value, frozenset([name]))


def _same_data(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a.dtype == b.dtype and np.array_equal(a, b)
