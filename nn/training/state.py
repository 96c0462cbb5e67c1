"""The state of a training run: everything that the next step depends on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from autograd import ChalkgradError, CheckpointError
from nn.module import Module
from nn.training.history import History
from nn.training.sums import EpochSums

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["VERSION", "load_training_state", "take_training_state"]

VERSION = 2  # of the layout below


def take_training_state(trainer: "Trainer") -> dict[str, Any]:
    """Return copies of all state as nested dicts of JSON values and arrays."""
    loss, schedule = trainer.loss, trainer.schedule
    return {
        "version": VERSION,
        "model": trainer.model.state_dict(),
        "loss": loss.state_dict() if isinstance(loss, Module) else {},
        "optimizer": trainer.optimizer.state_dict(),
        "schedule": None if schedule is None else schedule.state_dict(),
        "generators": trainer.position.generator_states(),
        "position": {
            "epoch": trainer.epoch,
            "step": trainer.step,
            "stopped": trainer.stopped,
            "loader": trainer.position.loader_state(trainer.batch),
            "sums": asdict(trainer.sums),
        },
        "history": trainer.history.to_dict(),
        "callbacks": [
            {"class": type(callback).__name__, "state": callback.state_dict()}
            for callback in _with_state(trainer)
        ],
    }


def load_training_state(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    """Set all state, or nothing: after an error everything is as before."""
    before, was_held = take_training_state(trainer), trainer.position.is_held
    _require_keys("the state", state, before)
    _require_keys("position", state["position"], before["position"])
    if state["version"] != VERSION:
        raise _unfit(f"it has version {state['version']}, this program {VERSION}")
    try:
        _set(trainer, state)
    except Exception as error:
        _set(trainer, before)
        if not was_held:
            trainer.position.forget()
        if isinstance(error, ChalkgradError):
            raise
        raise _unfit(f"{type(error).__name__}: {error}") from error


def _set(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    trainer.model.load_state_dict(state["model"])
    if isinstance(trainer.loss, Module):
        trainer.loss.load_state_dict(state["loss"])
    trainer.optimizer.load_state_dict(state["optimizer"])
    if (trainer.schedule is None) != (state["schedule"] is None):
        raise _unfit("one of it and this Trainer has a schedule, the other has none")
    if trainer.schedule is not None:
        trainer.schedule.load_state_dict(state["schedule"])
    _set_callbacks(trainer, state["callbacks"])
    _set_position(trainer, state["position"])
    trainer.position.set(state["position"]["loader"], state["generators"])
    history = History(state["history"])
    if len(history) != trainer.epoch:
        raise _unfit(f"its history has {len(history)} epochs of {trainer.epoch}")
    trainer.history = history


def _set_position(trainer: "Trainer", position: Mapping[str, Any]) -> None:
    for name in ("epoch", "step"):
        if type(position[name]) is not int or position[name] < 0:
            raise _unfit(f"{name} is {position[name]!r}")
    _require_keys("sums", position["sums"], asdict(EpochSums()))
    sums = EpochSums(**position["sums"])
    if sums.steps and set(sums.metrics) != set(trainer.metrics):
        raise _unfit(
            f"its epoch has the metrics {list(sums.metrics)} so far, this Trainer "
            f"computes {list(trainer.metrics)}"
        )
    trainer.sums = sums
    trainer.epoch, trainer.step = position["epoch"], position["step"]
    trainer.stopped = position["stopped"]


def _set_callbacks(trainer: "Trainer", states: list[dict[str, Any]]) -> None:
    own = _with_state(trainer)
    names = [type(callback).__name__ for callback in own]
    saved = [entry["class"] for entry in states]
    if names != saved:
        raise _unfit(f"it has the callbacks {saved}, this Trainer {names}")
    for callback, entry in zip(own, states, strict=True):
        callback.load_state_dict(entry["state"])


def _with_state(trainer: "Trainer") -> list[Any]:
    return [c for c in trainer.callbacks if hasattr(c, "state_dict")]


def _require_keys(what: str, got: Any, like: Mapping[str, Any]) -> None:
    if not isinstance(got, Mapping) or set(got) != set(like):
        keys = sorted(got) if isinstance(got, Mapping) else type(got).__name__
        raise _unfit(f"{what} must have the keys {sorted(like)}, got {keys}")


def _unfit(problem: str) -> CheckpointError:
    return CheckpointError(
        f"Trainer.load_state_dict: the state does not fit (nothing was loaded): "
        f"{problem}."
    )
