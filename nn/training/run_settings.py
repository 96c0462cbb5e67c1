"""What a training run was made with: settings, random generators, versions."""

import math
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.training.generators import find_generators

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Plain", "configuration", "initial_generators", "plain", "versions"]

Plain = str | int | float | bool | None

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # differs from run to run


def plain(name: str, value: Any) -> Plain:
    """Return a setting as JSON holds it.

    Raises
    ------
    TypeError
        If it is no text, number, bool or None.

    Examples
    --------
    >>> import numpy as np
    >>> plain("lr", np.float32(0.5)), plain("clip", float("inf"))
    (0.5, 'inf')
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | None):
        return value
    raise TypeError(
        f"RunFolder: settings must be text, numbers, bool or None, but {name!r} is a "
        f"{type(value).__name__}. Write str({name})."
    )


def configuration(trainer: "Trainer", apart_from: Any = None) -> dict[str, Plain]:
    """Return the settings of a trainer and its data by name.

    Parameters
    ----------
    trainer : Trainer
        In a fit.
    apart_from : object, optional
        A callback to leave out.
    """
    model, loader = trainer.model, trainer.position.loader
    parameters = list(model.parameters())
    callbacks = [_described(c) for c in trainer.callbacks if c is not apart_from]
    return {
        "model": type(model).__name__,
        "parameters": sum(p.size for p in parameters),
        "dtype": _joined(dict.fromkeys(str(p.dtype) for p in parameters)),
        "loss": _described(trainer.loss),
        **_optimizer(trainer.optimizer),
        "schedule": _schedule(trainer.schedule, trainer.schedule_every),
        "regularizer": _described(trainer.regularizer),
        "clip": _described(trainer.clip),
        "metrics": _joined(trainer.metrics),
        "callbacks": _joined(callbacks),
        "epochs": trainer.epochs,
        "batch size": getattr(loader, "batch_size", None),
        "shuffle": getattr(loader, "shuffle", None),
        "batches per epoch": trainer.batches,
        "training samples": _samples(loader),
        "validation samples": _samples(trainer.position.validation),
    }


def _optimizer(optimizer: Any) -> dict[str, Plain]:
    """Return class and hyper-parameters; rates as they were before any schedule."""
    found: dict[str, Plain] = {"optimizer": type(optimizer).__name__}
    groups = optimizer.param_groups
    for k, group in enumerate(groups):
        prefix = "optimizer" if len(groups) == 1 else f"optimizer group {k}"
        for name, value in group.items():
            if name == "lr":
                value = group.get("initial_lr", value)
            if name not in ("params", "names", "initial_lr"):
                found[f"{prefix} {name}"] = _described(value)
    return found


def _schedule(schedule: Any, every: str) -> Plain:
    if schedule is None:
        return None
    names = getattr(schedule, "ranges", {})
    settings = [f"{name}={getattr(schedule, name)!r}" for name in names]
    return f"{type(schedule).__name__}({', '.join(settings)}), after every {every}"


def _described(value: Any) -> Plain:
    """Return a plain value as it is, and an object in words, always the same."""
    if value is None or isinstance(value, str | int | float | np.generic):
        return plain("", value)
    text = repr(value)
    if text.startswith("<") and _ADDRESS.search(text):
        return str(getattr(value, "__qualname__", type(value).__name__))
    return _ADDRESS.sub("", text)


def _joined(names: Any) -> str | None:
    return ", ".join(map(str, names)) or None


def _samples(loader: Any) -> int | None:
    dataset = getattr(loader, "dataset", None)
    return None if dataset is None else len(dataset)


# ---- random generators ---------------------------------------------------------


def initial_generators(trainer: "Trainer") -> list[dict[str, Any]]:
    """Return seed and present state of every generator that the training draws from.

    The seed is that of the generator's `SeedSequence`: what the user gave to
    ``numpy.random.default_rng``, or what the system gave in its place.
    """
    loader = trainer.position.loader
    owners = {
        "model": trainer.model,
        "loss": trainer.loss,
        "regularizer": trainer.regularizer,
        "trainer": trainer.rng,
        "loader": loader,
        "dataset": getattr(loader, "dataset", None),
        "validation": trainer.position.validation,
    }
    users: dict[np.random.Generator, list[str]] = {}
    for path, generator in find_generators(owners).items():
        users.setdefault(generator, []).append(path)
    return [
        {"used_by": paths, **_origin(generator)} for generator, paths in users.items()
    ]


def _origin(generator: np.random.Generator) -> dict[str, Any]:
    bits = generator.bit_generator
    sequence: Any = getattr(bits, "seed_seq", None)
    entropy = getattr(sequence, "entropy", None)
    return {
        "kind": type(bits).__name__,
        # As text: readers that hold numbers in float64 would round it.
        "seed": None if entropy is None else str(entropy),
        "spawn_key": list(getattr(sequence, "spawn_key", ())),
        "state": bits.state,
    }


# ---- versions ------------------------------------------------------------------


def versions() -> dict[str, str]:
    """Return what the last bits of the numbers depend on besides the program."""
    return {
        "chalkgrad": _own_version(),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "BLAS": _blas(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _own_version() -> str:
    try:
        return version("chalkgrad")
    except PackageNotFoundError:  # a checkout that was not installed
        return "not installed"


def _blas() -> str:
    config: Any = np.show_config(mode="dicts")
    found = config.get("Build Dependencies", {}).get("blas", {})
    return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()
