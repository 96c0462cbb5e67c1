"""A tree of modules as a plain state, and back, without running a constructor.

What a built-in layer is lies in its attributes: sizes and other settings, parameters,
buffers, generators of random numbers, further modules.  All of them are described, so
that a setting that was changed after construction, a layer that was appended, a tie
between weights or a generator that several layers share is there again.  An attribute
that cannot be described is an error; none is left out.

`rebuild` makes an empty object of each class and fills in the attributes.  It makes
objects of the classes of `nn` only.  A class that gains an attribute should give it a
default in the class body, for files from before.

In the description every attribute that is not plain is a dict with one key::

    {"module": 3}              a number in the list of modules
    {"tensor": "fc1.weight"}   a name in the dict of tensors
    {"generator": 0}           a number in the list of generators
    {"object": "LSTMStep", "attributes": {...}}     a helper of a layer
    {"function": "numpy.tanh"}, {"dtype": "float32"}, {"dict": {...}}
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

import autograd
from autograd import CheckpointError, DTypeError, Tensor
from nn import functional
from nn.cells import Step
from nn.module import Module

__all__ = ["built_in_classes", "describe", "rebuild", "weights_in"]

State = dict[str, Any]

_PLAIN = (type(None), bool, int, float, str, np.generic, np.ndarray)
_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_SAVE_WEIGHTS = (
    "Write nn.save_weights(model, path); later build the model and write "
    "nn.load_weights(model, path)."
)


def describe(model: Module) -> State:
    """Return modules, tensors and generators of a model, as `write_state` takes them.

    Raises
    ------
    DTypeError
        If the model has a module whose class is not one of `nn`, a forward hook, or an
        attribute of a kind that has no description.
    """
    describer = _Describer()
    describer.module(model, "")
    return {
        "modules": describer.modules,
        "tensors": describer.tensors,
        "generators": [_generator_state(rng) for rng in describer.numbers],
    }


def rebuild(state: State) -> Module:
    """Return the model that `describe` described.

    Raises
    ------
    CheckpointError
        If it needs a class that is not one of `nn`.
    KeyError, TypeError, ValueError or the like
        If the state is not from `describe`.
    """
    return _Builder(state).model


def weights_in(state: State) -> dict[str, np.ndarray[Any, Any]]:
    """Return the ``state_dict`` of a described model, also if its classes are gone."""
    return _Skeleton(state).model.state_dict()


def built_in_classes() -> dict[str, type[Any]]:
    """Return the modules that `nn` defines, and what they are made of, by name."""
    found = *_with_subclasses(Module), *_with_subclasses(Step)
    return {cls.__name__: cls for cls in found if _is_built_in(cls)}


def _with_subclasses(base: type[Any]) -> Iterator[type[Any]]:
    yield base
    for cls in base.__subclasses__():
        yield from _with_subclasses(cls)


def _is_built_in(cls: type[Any]) -> bool:
    home = cls.__module__
    return home.split(".")[0] == "nn" and (
        getattr(sys.modules.get(home), cls.__name__, None) is cls
    )


def _functions() -> dict[str, Callable[..., Any]]:
    """Return the mathematical functions that an attribute may hold, by name."""
    ours = {f"autograd.{k}": v for k, v in vars(autograd).items() if _is_operation(v)}
    of_nn = {
        f"nn.functional.{k}": v
        for k, v in vars(functional).items()
        if getattr(v, "__module__", None) == functional.__name__
    }
    numpy = {f"numpy.{k}": v for k, v in vars(np).items() if isinstance(v, np.ufunc)}
    return ours | of_nn | numpy


def _is_operation(value: Any) -> bool:
    home = getattr(value, "__module__", None) or ""
    return callable(value) and home.startswith("autograd.ops")


class _Describer:
    """Describes modules, each once, and collects what they share."""

    def __init__(self) -> None:
        self.modules: list[State] = []
        self.tensors: dict[str, State] = {}
        self.numbers: dict[np.random.Generator, int] = {}
        self._module_numbers: dict[Module, int] = {}
        self._names: dict[Tensor, str] = {}
        self._classes = built_in_classes()
        self._function_names = {id(f): name for name, f in _functions().items()}

    def module(self, module: Module, path: str) -> State:
        if module not in self._module_numbers:
            self._check(module, path)
            self._module_numbers[module] = len(self.modules)
            entry: State = {"class": type(module).__name__}
            self.modules.append(entry)
            entry["attributes"] = {
                name: self.value(value, f"{path}.{name}" if path else name)
                for name, value in vars(module).items()
                if name not in ("_hooks", "_label")
            }
        return {"module": self._module_numbers[module]}

    def _check(self, module: Module, path: str) -> None:
        cls, place = type(module).__name__, path or "the model"
        if self._classes.get(cls) is not type(module):
            raise DTypeError(
                f"nn.save: {place} is a {cls}, which is no class of nn: nn.load could "
                f"not build it. {_SAVE_WEIGHTS}"
            )
        if module._hooks:
            raise DTypeError(
                f"nn.save: {place}, a {cls}, has forward hooks, and functions cannot "
                f"be saved. Call remove() on their handles first, or: {_SAVE_WEIGHTS}"
            )

    def value(self, value: Any, path: str) -> Any:
        """Describe the value of one attribute."""
        if isinstance(value, Module):
            return self.module(value, path)
        if isinstance(value, Tensor) and value.is_leaf:
            return {"tensor": self._tensor(value, path)}
        if isinstance(value, np.random.Generator):
            _check_generator(value, path)
            return {"generator": self.numbers.setdefault(value, len(self.numbers))}
        if isinstance(value, np.dtype):
            return {"dtype": value.str}
        if isinstance(value, dict):
            return {"dict": {k: self.value(v, f"{path}.{k}") for k, v in value.items()}}
        if isinstance(value, list | tuple):
            items = [self.value(v, f"{path}.{k}") for k, v in enumerate(value)]
            return items if isinstance(value, list) else tuple(items)
        if isinstance(value, _PLAIN):
            return value
        if id(value) in self._function_names:
            return {"function": self._function_names[id(value)]}
        return self._object(value, path)

    def _object(self, value: Any, path: str) -> State:
        cls = type(value)
        if self._classes.get(cls.__name__) is not cls:
            raise DTypeError(
                f"nn.save: {path} = {value!r} is a {cls.__name__}, which has no file "
                f"form. {_SAVE_WEIGHTS}"
            )
        attributes = {k: self.value(v, f"{path}.{k}") for k, v in vars(value).items()}
        return {"object": cls.__name__, "attributes": attributes}

    def _tensor(self, tensor: Tensor, path: str) -> str:
        """Return the name of a tensor: the first path that leads to it."""
        if tensor not in self._names:
            self._names[tensor] = path
            self.tensors[path] = {
                "data": np.asarray(tensor.data),
                "requires_grad": tensor.requires_grad,
                "name": tensor.name,
            }
        return self._names[tensor]


class _Builder:
    """Builds the modules of a description, each once."""

    def __init__(self, state: State) -> None:
        self._classes: dict[str, Any] = built_in_classes()
        self._functions = _functions()
        self._generators = [_generator(entry) for entry in state["generators"]]
        self._tensors = {
            path: Tensor(t["data"], t["requires_grad"], name=t["name"])
            for path, t in state["tensors"].items()
        }
        entries = state["modules"]
        self._modules = [self.empty(entry["class"]) for entry in entries]
        for module, entry in zip(self._modules, entries, strict=True):
            vars(module).update(self._attributes(entry["attributes"]))
        self.model: Module = self._modules[0]

    def empty(self, name: str) -> Any:
        """Return an object of a class without attributes."""
        if name not in self._classes:
            raise CheckpointError(
                f"it holds a {name}, which is no class of this version of nn; build "
                f"the model yourself and write nn.load_weights(model, path)"
            )
        cls = self._classes[name]
        return cls.__new__(cls)

    def function(self, name: str) -> Any:
        """Return a mathematical function by its name."""
        return self._functions[name]

    def _attributes(self, described: State) -> State:
        return {name: self._value(value) for name, value in described.items()}

    def _value(self, described: Any) -> Any:
        if isinstance(described, list | tuple):
            return type(described)(self._value(item) for item in described)
        if not isinstance(described, dict):
            return described
        if "object" in described:
            made = self.empty(described["object"])
            vars(made).update(self._attributes(described["attributes"]))
            return made
        ((kind, content),) = described.items()
        return self._makers[kind](self, content)

    _makers: ClassVar[dict[str, Callable[["_Builder", Any], Any]]] = {
        "module": lambda self, number: self._modules[number],
        "tensor": lambda self, path: self._tensors[path],
        "generator": lambda self, number: self._generators[number],
        "function": lambda self, name: self.function(name),
        "dtype": lambda self, name: np.dtype(name),
        "dict": lambda self, items: self._attributes(items),
    }


class _Skeleton(_Builder):
    """Builds plain modules that hold the weights and compute nothing."""

    def empty(self, name: str) -> Any:
        return Module()

    def function(self, name: str) -> None:
        return None


def _check_generator(rng: np.random.Generator, path: str) -> None:
    kind = type(rng.bit_generator)
    if kind not in [getattr(np.random, name) for name in _BIT_GENERATORS]:
        raise DTypeError(
            f"nn.save: {path} draws from a {kind.__name__}; only NumPy's own bit "
            f"generators can be saved: {', '.join(_BIT_GENERATORS)}."
        )


def _generator_state(rng: np.random.Generator) -> State:
    """Return the state of a generator and of the seed that its children come from."""
    seed: Any = rng.bit_generator.seed_seq
    known = isinstance(seed, np.random.SeedSequence)
    return {"state": rng.bit_generator.state, "seed": seed.state if known else None}


def _generator(described: State) -> np.random.Generator:
    kind = described["state"]["bit_generator"]
    if kind not in _BIT_GENERATORS:
        raise CheckpointError(f"it holds a generator of an unknown kind: {kind}")
    seed = described["seed"]
    made = getattr(np.random, kind)(
        None if seed is None else np.random.SeedSequence(**seed)
    )
    made.state = described["state"]
    return np.random.Generator(made)
