"""Modules that hold other modules or parameters."""

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd import Tensor
from nn.module import Module

__all__ = ["ModuleDict", "ModuleList", "ParameterList", "Sequential"]


def _position(owner: Module, index: int, length: int) -> str:
    """Return the attribute name of an item of a list, counting from the end if < 0."""
    position = operator.index(index)
    if not -length <= position < length:
        raise IndexError(
            f"{type(owner).__name__}[{index}]: it has only {length} items."
        )
    return str(position % length)


def _require_module(owner: Module, item: Any) -> Module:
    if isinstance(item, Module):
        return item
    given = item.__name__ if isinstance(item, type) else repr(item)
    cure = (
        f"Write {given}()." if isinstance(item, type) else "Derive one from nn.Module."
    )
    raise TypeError(
        f"{type(owner).__name__}: every item must be a Module, got {given}. {cure}"
    )


class ModuleList(Module):
    """A list of modules that are trained and saved.

    It has no ``forward``: the module that owns it says in which order they are used.

    Parameters
    ----------
    modules : iterable of Module, optional
        The items.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layers = nn.ModuleList([nn.Linear(2, 3, rng=rng), nn.Linear(3, 1, rng=rng)])
    >>> len(layers), layers[-1]
    (2, Linear(3, 1))
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def append(self, module: Module) -> "ModuleList":
        """Add a module at the end, and return the list."""
        setattr(self, str(len(self)), _require_module(self, module))
        return self

    def extend(self, modules: Iterable[Module]) -> "ModuleList":
        """Add modules at the end, and return the list."""
        for module in [_require_module(self, module) for module in modules]:
            self.append(module)
        return self

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self.children())[index])
        return getattr(self, _position(self, index, len(self)))

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, _position(self, index, len(self)), _require_module(self, module))

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()


class Sequential(Module):
    """Modules that are called one after the other.

    Parameters
    ----------
    *modules : Module
        The layers, first to last.  A single dict gives them names.

    Notes
    -----
    Formula: f(x) = fₙ(… f₂(f₁(x))).

    Shapes: whatever the layers make of the input.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layers = nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng)
    >>> net = nn.Sequential(*layers)
    >>> net(np.zeros((5, 2))).shape
    (5, 1)
    >>> net
    Sequential(
      (0): Linear(2, 3)
      (1): Tanh()
      (2): Linear(3, 1)
    )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        items: Iterable[tuple[str, Any]] = (
            (str(position), module) for position, module in enumerate(modules)
        )
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            items = modules[0].items()
        for name, module in items:
            setattr(self, name, _require_module(self, module))

    def append(self, module: Module) -> "Sequential":
        """Add a module at the end, and return the network."""
        setattr(self, str(len(self)), _require_module(self, module))
        return self

    def forward(self, x: Any) -> Any:
        """Call every module on the result of the one before."""
        for module in self.children():
            x = module(x)
        return x

    def __getitem__(self, index: int | slice) -> Any:
        modules = list(self.children())
        if isinstance(index, slice):
            return type(self)(*modules[index])
        return modules[int(_position(self, index, len(modules)))]

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()


class ModuleDict(Module):
    """Modules by name that are trained and saved.

    Parameters
    ----------
    modules : mapping of str to Module, optional
        The items.

    Examples
    --------
    >>> import nn
    >>> activations = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
    >>> activations["tanh"], list(activations)
    (Tanh(), ['relu', 'tanh'])
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        for name, module in (modules or {}).items():
            self[name] = module

    def __getitem__(self, name: str) -> Module:
        found = dict(self.named_children())
        if name not in found:
            raise KeyError(f"ModuleDict has no {name!r}, only {', '.join(found)}.")
        return found[name]

    def __setitem__(self, name: str, module: Module) -> None:
        if hasattr(type(self), name) or name in ("training", "path"):
            raise KeyError(
                f"ModuleDict: {name!r} is a name of its own. Use another key."
            )
        setattr(self, name, _require_module(self, module))

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in dict(self.named_children())

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """Return the names, in order."""
        return [name for name, _ in self.named_children()]

    def values(self) -> list[Module]:
        """Return the modules, in order."""
        return list(self.children())

    def items(self) -> list[tuple[str, Module]]:
        """Return pairs of name and module, in order."""
        return list(self.named_children())


class ParameterList(Module):
    """A list of parameters that are trained and saved.

    Parameters
    ----------
    parameters : iterable of Tensor, optional
        Leaves, such as `Parameter` makes them.

    Examples
    --------
    >>> import nn
    >>> scales = nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0])])
    >>> [scale.tolist() for scale in scales]
    [[1.0], [2.0]]
    """

    def __init__(self, parameters: Iterable[Tensor] = ()) -> None:
        for parameter in parameters:
            self.append(parameter)

    def append(self, parameter: Tensor) -> "ParameterList":
        """Add a parameter at the end, and return the list."""
        self.register_parameter(str(len(self)), parameter)
        return self

    def __getitem__(self, index: int) -> Tensor:
        parameter: Tensor = getattr(self, _position(self, index, len(self)))
        return parameter

    def __setitem__(self, index: int, parameter: Tensor) -> None:
        self.register_parameter(_position(self, index, len(self)), parameter)

    def __len__(self) -> int:
        return sum(1 for _ in self.own_parameters())

    def __iter__(self) -> Iterator[Tensor]:
        return (parameter for _, parameter in self.own_parameters())
