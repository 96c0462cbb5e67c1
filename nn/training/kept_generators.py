"""A look at a training run that draws no random number from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nn.training.generators import find_generators

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["kept_generators"]


@contextmanager
def kept_generators(trainer: "Trainer") -> Iterator[None]:
    """Put the generators behind model, loss and validation data back afterwards."""
    loader = trainer.position.validation
    owners = {
        "model": trainer.model,
        "loss": trainer.loss,
        "validation": loader,
        "dataset": getattr(loader, "dataset", None),
    }
    before = [(g, g.bit_generator.state) for g in find_generators(owners).values()]
    try:
        yield
    finally:
        for generator, state in before:
            generator.bit_generator.state = state
