"""How far a training run is: a bar in a terminal or a notebook, plain lines elsewhere.

These are callbacks like any other.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Bar", "Lines", "progress_for", "shows_bar", "tqdm_bar"]

_SHOWN = ("loss", "penalty")  # and the metrics, and everything of the validation


def progress_for(stream: Any) -> "Bar | Lines":
    """Return what suits where the output goes."""
    return Bar(stream) if shows_bar(stream) else Lines(stream)


def shows_bar(stream: Any) -> bool:
    """Return whether somebody looks at what is written while it is written."""
    return _is_notebook() or bool(stream.isatty())


def _is_notebook() -> bool:
    """Return whether this is a Jupyter kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _numbers(trainer: "Trainer") -> dict[str, float]:
    """Return the numbers of the last epoch that progress shows."""
    row = trainer.history.row(-1) if len(trainer.history) else {}
    return {
        name: value
        for name, value in row.items()
        if name in (*_SHOWN, *trainer.metrics) or name.startswith("val_")
    }


class Lines:
    """One line of text for each epoch."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Print the numbers of the epoch."""
        numbers = [f"{name} {value:<7.4g}" for name, value in _numbers(trainer).items()]
        seconds = trainer.history["seconds"][-1]
        width = len(str(trainer.epochs))
        parts = [f"epoch {trainer.epoch:{width}}/{trainer.epochs}", *numbers]
        print("  ".join([*parts, f"{seconds:.1f} s"]), file=self._stream, flush=True)

    def on_fit_end(self, trainer: "Trainer") -> None:
        """Print why the training was stopped, if it was."""
        if trainer.stopped is not None:
            print(f"stopped: {trainer.stopped}", file=self._stream, flush=True)


class Bar:
    """One bar for the whole training, with the time and the numbers of the last epoch.

    In a notebook it is a widget, where ipywidgets is installed.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._bar: Any = None

    def on_fit_start(self, trainer: "Trainer") -> None:
        """Show the bar."""
        batches = trainer.batches
        self._bar = tqdm_bar(
            self._stream,
            total=trainer.epochs * batches,
            initial=trainer.epoch * batches + trainer.batch,
            unit="batch",
        )
        self._describe(trainer)

    def on_epoch_start(self, trainer: "Trainer") -> None:
        """Name the epoch."""
        self._describe(trainer)

    def on_batch_end(self, trainer: "Trainer") -> None:
        """Move on."""
        self._bar.update()

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Show the numbers of the epoch."""
        numbers = {name: f"{value:.4g}" for name, value in _numbers(trainer).items()}
        self._bar.set_postfix(numbers)

    def on_fit_end(self, trainer: "Trainer") -> None:
        """Leave the bar as it is."""
        if trainer.stopped is not None:
            self._bar.set_description_str(f"stopped: {trainer.stopped}")
        self._bar.close()

    def on_fit_error(self, trainer: "Trainer", error: BaseException) -> None:
        """Leave the bar as it is; the error is shown below it."""
        self._bar.close()

    def _describe(self, trainer: "Trainer") -> None:
        epoch = min(trainer.epoch + 1, trainer.epochs)
        self._bar.set_description_str(f"epoch {epoch}/{trainer.epochs}")


def tqdm_bar(stream: Any, **settings: Any) -> Any:
    """Return a bar: tqdm's widget in a notebook where there is one, text elsewhere."""
    from tqdm import tqdm

    if _is_notebook():
        try:
            from tqdm.notebook import tqdm as widget

            return widget(**settings)
        except ImportError:  # ipywidgets is not installed
            pass
    return tqdm(file=stream, **settings)
