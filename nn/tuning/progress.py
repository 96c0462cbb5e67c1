"""How far a sweep is: a bar where somebody looks, nothing elsewhere.

The file of results has a line for each run in any case.
"""

import sys
from types import TracebackType
from typing import Any, Self

from nn.training.progress import shows_bar, tqdm_bar
from nn.tuning.trial import SweepRow

__all__ = ["SweepProgress"]


class SweepProgress:
    """A bar of the runs of a sweep, with the best score so far.

    Parameters
    ----------
    is_wanted : bool
        Whether there is to be a bar in a terminal or a notebook.
    score, mode : str
        As in `sweep`.
    """

    def __init__(self, is_wanted: bool, score: str, mode: str) -> None:
        self._is_shown = is_wanted and shows_bar(sys.stderr)
        self._score, self._mode = score, mode
        self._bar: Any = None
        self._best: float | None = None
        self._unsound = {"failed": 0, "diverged": 0}

    def __enter__(self) -> Self:
        if self._is_shown:
            self._bar = tqdm_bar(sys.stderr, total=0, desc="sweep", unit="run")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def expect(self, runs: int) -> None:
        """Count on so many more runs: those of the next round."""
        if self._bar is not None:
            self._bar.total += runs
            self._bar.refresh()

    def finish(self, row: SweepRow) -> None:
        """Count a run, and show what it gave."""
        if self._bar is None:
            return
        if row.status == "ok":
            better = min if self._mode == "min" else max
            number = row.metrics[self._score]
            self._best = number if self._best is None else better(number, self._best)
        else:
            self._unsound[row.status] += 1
        shown = {} if self._best is None else {f"best {self._score}": self._best}
        shown |= {name: number for name, number in self._unsound.items() if number}
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()
