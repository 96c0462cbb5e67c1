"""The plan of an array graph: one line for each operation, and no graph.

The forward pass calls the operations themselves, equal ones once.  The backward pass
is that of the engine with every decision taken beforehand: which rules run, in which
order, what is summed over broadcast axes, what must be copied.  The decisions are read
off one run at the recorded values.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from autograd.compiler.tiles import Run, find_runs, flat
from autograd.compiler.trace import View
from autograd.compiler.watching import NotCompilable
from autograd.engine import sum_to_shape
from autograd.tensor import Tensor

__all__ = ["ArrayPlan"]

_MOST_LINES = 20_000
_WRITTEN_OUT = (bool, int, str, type(None), type(Ellipsis))


class ArrayPlan:
    """Computes a graph line by line.

    Parameters
    ----------
    order : sequence of Tensor
        The graph, inputs first, computed at some values.
    sources : sequence of Tensor or ndarray
        The leaves whose values are given in each call.
    wanted : sequence of bool
        Which of the sources get a gradient.
    views : mapping
        Constants and settings that are parts of a source: see `Trace.views`; the number
        of the argument is that of the source.

    Attributes
    ----------
    source : str
        The program: ``bind`` returns the two functions.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        writer = _Writer(order, sources, wanted, views)
        self.source = writer.program()
        names = writer.names
        exec(compile(self.source, "<compiled graph>", "exec"), names)
        self._bind: Callable[[], Any] = names["bind"]

    def bind(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return a forward and a backward function that share what the first keeps."""
        return self._bind()  # type: ignore[no-any-return]


class _Writer:
    """Writes the lines of a plan; its parameters are those of `ArrayPlan`."""

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        if len(order) > _MOST_LINES:
            raise NotCompilable(
                f"it records {len(order)} operations that do not form vectors"
            )
        self._views = views
        self.names: dict[str, Any] = {
            "np": np,
            "sum_to_shape": sum_to_shape,
            "flat": flat,
        }
        self._texts: dict[Any, str] = {}  # tensor, or id of an array -> its name
        self._lines = [f"s{k} = values[{k}]" for k in range(len(sources))]
        self._crossing: dict[str, None] = {}  # what the backward pass looks at
        for k, source in enumerate(sources):
            self._texts[source if isinstance(source, Tensor) else id(source)] = f"s{k}"
        self._sources = {x for x in sources if isinstance(x, Tensor)}
        marked = [x for x, w in zip(sources, wanted, strict=True) if w]
        self._useful = _useful(order, marked)
        self._functions: list[str] = []  # of runs
        self._find_runs(order)
        for tensor in order:
            self._forward(tensor)
        forward = [*self._lines, f"out = {self._texts[order[-1]]}"]
        self._lines = []
        self._gradients: dict[Tensor, str] = {}
        self._values: dict[str, Any] = {}
        self._owned: set[Tensor] = set()
        self._arrays = [x._data for x in order]
        self._backward(order, marked)
        self._passes = forward, self._lines

    # ---- forward ---------------------------------------------------------------------

    def _forward(self, tensor: Tensor) -> None:
        if tensor in self._texts:
            return
        if tensor in self._views:
            self._texts[tensor] = self._view(self._views[tensor])
            return
        if tensor.op is None:
            self._texts[tensor] = self._constant(tensor._data)
            return
        if tensor in self._in_run:
            self._texts[tensor] = f"t{len(self._texts)}"
            if tensor in self._runs:
                self._run_forward(tensor)
            return
        op, inputs = tensor.op, ", ".join(self._texts[x] for x in tensor.inputs)
        settings = self._settings(tensor)
        name = self._texts[tensor] = f"v{len(self._texts)}"
        if tensor._details.saved is not None and tensor in self._useful:
            function = self._function(f"{op.name}_forward", op.fused.forward)  # type: ignore[union-attr]
            self._lines.append(
                f"{name}, {self._saved(tensor)} = {function}({inputs}{settings})"
            )
        else:
            function = self._function(op.name, op.forward)
            inputs = f"[{inputs}]" if op.sequence else inputs
            self._lines.append(f"{name} = {function}({inputs}{settings})")
        if not tensor.ndim:
            self._lines.append(f"{name} = {name}[()]")

    def _find_runs(self, order: Sequence[Tensor]) -> None:
        self._runs: dict[Tensor, Any] = find_runs(order, self._sources, self._useful)
        self._in_run = {t for members in self._runs.values() for t in members}
        self._readers: dict[Tensor, set[Tensor]] = {order[-1]: {order[-1]}}
        for t in order:
            for x in t.inputs if t.op is not None and t not in self._sources else ():
                self._readers.setdefault(x, set()).add(t)

    def _run_forward(self, last: Tensor) -> None:
        """Write a run of elementwise operations as one function."""
        members = self._runs[last]
        inside = set(members)
        result = next(iter(self._readers))
        outside = {t for t in members if t is result or not self._readers[t] <= inside}

        def function(op: Any, position: int | None) -> str:
            if position is None:
                return self._function(op.name, op.forward)
            return self._function(f"{op.name}_vjp{position}", op.vjps[position])

        name = f"run{len(self._functions) + 1}"
        run = Run(name, members, outside, self._useful, self._texts, function)
        self._runs[last] = run
        self._functions.append(run.forward_text())
        outputs = ", ".join(self._texts[t] for t in run.outputs)
        inputs = ", ".join(self._texts[x] for x in run.inputs)
        self._lines.append(f"{outputs} = {name}({inputs})")

    def _run_backward(self, run: Run) -> None:
        """Write the backward pass of a run, if anything has arrived at it."""
        arriving = {
            t: self._gradients[t]
            for t in [*run.members, *run.inputs]
            if t in self._useful and t in self._gradients
        }
        if not any([t in arriving for t in run.members]):
            return
        text = run.backward_text(arriving)
        self._functions.append(text)
        read = run.read_again
        inputs = [self._seen(self._texts[x]) for x in read]
        wanted = [x for x in run.inputs if x in self._useful]
        names = [f"g_{self._texts[x]}" for x in wanted]
        arguments = ", ".join([*inputs, *arriving.values()])
        self._lines.append(f"{', '.join(names)} = {run.name}_back({arguments})")
        exec(text, self.names)
        values = [x._data for x in read] + [self._values[n] for n in arriving.values()]
        found = self.names[f"{run.name}_back"](*values)
        found = found if len(names) > 1 else [found]
        for x, name, value in zip(wanted, names, found, strict=True):
            self._gradients[x] = name
            self._values[name] = value
            self._owned.add(x)

    def _saved(self, tensor: Tensor) -> str:
        return f"kept_{self._texts[tensor]}"

    def _settings(self, tensor: Tensor) -> str:
        return "".join(
            f", {key}={self._setting(value)}" for key, value in tensor.settings.items()
        )

    def _setting(self, value: Any) -> str:
        if type(value) in _WRITTEN_OUT or (type(value) is float and isfinite(value)):
            return "..." if value is Ellipsis else repr(value)
        if isinstance(value, np.ndarray) and id(value) in self._views:
            if id(value) not in self._texts:
                self._texts[id(value)] = self._view(self._views[id(value)])
            return self._texts[id(value)]
        if type(value) in (tuple, list):
            items = ", ".join(map(self._setting, value))
            if type(value) is list:
                return f"[{items}]"
            return f"({items}{',' * (len(value) == 1)})"
        return self._constant(value)

    def _constant(self, value: Any) -> str:
        for name, known in self.names.items():
            if known is value:
                return name
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def _view(self, view: View) -> str:
        name = f"w{len(self.names)}"
        self.names[f"part_{name}"] = view.of
        self._lines.append(f"{name} = part_{name}(s{view.argument})")
        return name

    def _function(self, name: str, function: Callable[..., Any]) -> str:
        while self.names.setdefault(name, function) is not function:
            name += "_"
        return name

    # ---- backward --------------------------------------------------------------------

    def _backward(self, order: Sequence[Tensor], wanted: Sequence[Any]) -> None:
        root = order[-1]
        self._gradients[root] = "seed"
        self._values["seed"] = np.ones_like(root._data)[()]
        for tensor in reversed(order):
            if tensor.op is None or tensor in self._sources:
                continue
            if tensor in self._in_run:
                if tensor in self._runs:
                    self._run_backward(self._runs[tensor])
            elif tensor in self._useful and tensor in self._gradients:
                self._pull_back(tensor)
        found = []
        for source in wanted:
            found.append(self._handed_out(source))
        self._lines.append(f"return [{', '.join(found)}]")

    def _pull_back(self, tensor: Tensor) -> None:
        """Write the products of one operation with the cotangent of its result."""
        op = tensor.op
        assert op is not None
        g = self._gradients[tensor]
        inputs = tensor.inputs
        texts = [self._seen(self._texts[x]) for x in inputs]
        out = self._seen(self._texts[tensor])
        settings = self._settings(tensor)
        values = [x._data for x in inputs]
        if op.add_into is not None:
            if inputs[0] in self._useful:
                self._add_into(inputs[0], tensor, g, settings)
            return
        needs = tuple([x in self._useful for x in inputs])
        saved = tensor._details.saved
        if saved is not None and op.fused is not None:
            names = [f"d{k}" if need else "_" for k, need in enumerate(needs)]
            function = self._function(f"{op.name}_backward", op.fused.backward)
            arguments = f"{g}, {out}, {self._seen(self._saved(tensor))}, {needs}"
            self._lines.append(
                f"{', '.join(names)}{',' * (len(names) == 1)} = "
                f"{function}({arguments}, {', '.join(texts)}{settings})"
            )
            products = op.fused.backward(
                self._values[g], tensor._data, saved, needs, *values, **tensor.settings
            )
            for k, x in enumerate(inputs):
                if needs[k]:
                    self._arrive(x, f"d{k}", products[k])
            return
        for k, x in enumerate(inputs):
            rule = op.rule(k)
            if rule is None or not needs[k]:
                continue
            function = self._function(
                f"{op.name}_vjp{k}", _one_object(self.names, op, k, rule)
            )
            text = f"{function}({g}, {out}, {', '.join(texts)}{settings})"
            value = rule(self._values[g], tensor._data, *values, **tensor.settings)
            self._arrive(x, text, value)

    def _arrive(self, x: Tensor, text: str, d: Any) -> None:
        """Add a product to the cotangent of an input; give it shape and dtype first."""
        if not hasattr(d, "shape"):
            text, d = f"np.asarray({text})", np.asarray(d)
        if d.shape != x.shape:
            text = f"sum_to_shape({text}, {x.shape})"
            d = sum_to_shape(d, x.shape)
        if d.dtype != x.dtype:
            text, d = f"{text}.astype(np.{x.dtype})", d.astype(x.dtype)
        if not x.shape and d.__class__ is np.ndarray:
            text, d = f"{text}[()]", d[()]
        name = self._gradients.get(x)
        if name is None:
            name = self._gradients[x] = f"g_{self._texts[x]}"
            self._lines.append(f"{name} = {text}")
            self._values[name] = d
        elif x in self._owned and x.shape:
            self._lines.append(f"np.add({name}, {text}, out={name})")
            self._values[name] = self._values[name] + d
        else:
            new = f"g_{self._texts[x]}"
            self._lines.append(f"{new} = {name} + {text}")
            self._values[new] = self._values[name] + d
            self._gradients[x] = new
            self._owned.add(x)

    def _add_into(self, x: Tensor, tensor: Tensor, g: str, settings: str) -> None:
        """Add a product that is mostly zeros to a cotangent in place."""
        op = tensor.op
        assert op is not None
        assert op.add_into is not None
        name = f"g_{self._texts[x]}"
        if x not in self._gradients:
            self._lines.append(f"{name} = np.zeros_like({self._seen(self._texts[x])})")
            self._values[name] = np.zeros_like(x._data)
        elif x not in self._owned:
            self._lines.append(f"{name} = np.array({self._gradients[x]})")
            self._values[name] = np.array(self._values[self._gradients[x]])
        self._gradients[x] = name
        self._owned.add(x)
        function = self._function(f"add_{op.name}", op.add_into)
        self._lines.append(f"{function}({name}, {g}{settings})")
        op.add_into(self._values[name], self._values[g], **tensor.settings)

    def _handed_out(self, source: Any) -> str:
        """Return the text of a gradient whose memory is nobody else's."""
        name = self._gradients.get(source)
        if name is None:
            return f"np.zeros_like({self._seen(self._texts[source])})[()]"
        value = self._values[name]
        is_shared = isinstance(value, np.ndarray) and (
            not value.flags.writeable
            or any([_memory(value) is _memory(x) for x in self._arrays])
            or any(
                [
                    _memory(value) is _memory(x)
                    for other, x in self._values.items()
                    if other != name
                ]
            )
        )
        return f"{name}.copy()" if is_shared else name

    def _seen(self, name: str) -> str:
        """Note that the backward pass looks at a value."""
        if name not in self.names:
            self._crossing[name] = None
        return name

    # ---- text ------------------------------------------------------------------------

    def program(self) -> str:
        """Return the text: the functions of runs, then both passes."""
        forward, backward = self._passes
        text = "\n".join(backward)
        parts = [name for name in self._texts.values() if name.startswith("w")]
        candidates = dict.fromkeys([*self._crossing, *parts])
        kept = [name for name in candidates if re.search(rf"\b{name}\b", text)]
        names = ", ".join(kept)

        def body(lines: Sequence[str]) -> str:
            return "".join(f"        {line}\n" for line in lines)

        declared = [f"nonlocal {names}"] if kept else []
        return (
            "".join(f"{function}\n\n" for function in self._functions)
            + "def bind():\n"
            + (f"    {' = '.join(kept)} = None\n" if kept else "")
            + "\n    def forward(values):\n"
            + body([*declared, *forward, "return out"])
            + "\n    def backward(seed):\n"
            + body(backward)
            + "\n    return forward, backward\n"
        )


def _one_object(names: Mapping[str, Any], op: Any, k: int, rule: Any) -> Any:
    """Return the known object for the rule of a sequence, which is made each time."""
    return names.get(f"{op.name}_vjp{k}", rule) if op.sequence else rule


def _memory(array: Any) -> Any:
    base = getattr(array, "base", None)
    return array if base is None else base


def _useful(order: Sequence[Tensor], wanted: Sequence[Any]) -> set[Any]:
    """Return the tensors that depend on a wanted one."""
    useful = set(wanted)
    for tensor in order:
        if (
            tensor not in useful
            and tensor.op
            and any([x in useful for x in tensor.inputs])
        ):
            useful.add(tensor)
    return useful
