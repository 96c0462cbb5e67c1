"""`sweep`: try configurations of hyper-parameters, and keep what they gave."""

import hashlib
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nn.checks import require_size
from nn.tuning.journal import FORMAT, Journal
from nn.tuning.progress import SweepProgress
from nn.tuning.results import SweepResults, averages, rank, require_mode
from nn.tuning.space import Configuration, Space
from nn.tuning.trial import Budget, SweepRow, TrainFunction, Trial
from nn.tuning.workers import Workers, workers_for

__all__ = ["sweep"]


def sweep(
    train_fn: TrainFunction,
    space: Mapping[str, Any],
    strategy: str = "grid",
    *,
    n: int | None = None,
    seeds: Iterable[int] = (0,),
    budgets: Sequence[int | float] | None = None,
    score: str = "loss",
    mode: str = "min",
    rng: np.random.Generator | None = None,
    executor: Executor | None = None,
    results: str | PathLike[str] | None = "sweep.jsonl",
    retry_failed: bool = False,
    progress: bool = True,
) -> SweepResults:
    """Train with many configurations of hyper-parameters, and compare the results.

    Parameters
    ----------
    train_fn : callable
        ``train_fn(config, seed)`` trains once and returns a dict of numbers, among them
        the score.  ``config`` is a dict with one value for each name in the space.
        All randomness should come from ``np.random.default_rng(seed)``.  In a sweep by
        halving it is called with ``budget=`` as well, such as the number of epochs.
    space : dict
        What each hyper-parameter can be: a list, tuple, range or one-axis array of
        choices, a distribution (`uniform`, `log_uniform`, `integers`), or a single
        value.  Values are numbers, strings, bools, None or tuples of them; lists inside
        become tuples.
    strategy : {"grid", "random", "halving"}, default "grid"
        Every combination; ``n`` different ones drawn at random; or ``n`` drawn at
        random of which only the best get larger budgets (see Notes).
    n : int, optional
        How many configurations to draw.
    seeds : iterable of int, default (0,)
        Each configuration runs once with each seed.
    budgets : sequence of numbers, optional
        For halving: the budgets, increasing, such as ``(1, 3, 9)`` epochs.
    score : str, default "loss"
        Which of the returned numbers decides.
    mode : {"min", "max"}, default "min"
        Whether a smaller or a larger score is better.
    rng : Generator, optional
        Draws the configurations; needed by random search and halving.
    executor : concurrent.futures.Executor, optional
        Where to train; it is not shut down.  ``client.get_executor()`` of
        ``dask.distributed`` trains on a cluster, ``ThreadPoolExecutor()`` in this
        process.  Default: one fresh process per processor, each with one BLAS thread
        unless an environment variable such as ``OMP_NUM_THREADS`` says otherwise.
    results : path or None, default "sweep.jsonl"
        The file that gets one line for each finished run.  If it exists, the sweep goes
        on: finished runs are taken from the file, and not repeated.  None: no file.
    retry_failed : bool, default False
        Whether runs that the file has as failed are done again.
    progress : bool, default True
        Whether to show a bar on stderr, in a terminal or a notebook: the runs of the
        rounds so far, the best score, and how many have failed or diverged.

    Returns
    -------
    SweepResults
        The rows, in the order of the configurations.

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit the others; nothing has run then.
    CheckpointError
        If the file belongs to another sweep (another function, space, strategy, score,
        mode, or state of ``rng``), is damaged, or is being written by another sweep.
    RuntimeError
        If worker processes cannot start.

    Notes
    -----
    A run whose score is not finite has diverged; one that raises has failed.  Both are
    rows, with the reason, and the sweep goes on.  A run whose process is killed has
    failed too; the others of that moment are run again, each in a process by itself.
    A process pool that was given cannot be mended: what it had not finished has failed,
    and ``retry_failed`` with another pool runs it again.
    After Ctrl-C or a kill the file holds every run that had finished.

    The default executor starts Python anew and imports ``train_fn`` by its name: it
    must be at the top level of a module, and a script must call `sweep` below
    ``if __name__ == "__main__":``.  Load large data inside the function rather than
    sending it along with each run.

    Successive halving: all n configurations run with the first budget.  The best of
    them by the mean score over the seeds, a share of budgets[0] / budgets[1], run with
    the second budget, and so on; each round costs about the same.  ``budget`` is the
    total: a function that keeps its own checkpoints may go on from its last one.

    References
    ----------
    J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization", 2012.
    K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and
    hyperparameter optimization", 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def train(config, seed, budget):
    ...     distance = abs(np.log10(config["lr"]) + 2)
    ...     return {"loss": distance / budget}
    >>> with ThreadPoolExecutor() as executor:
    ...     found = nn.sweep(
    ...         train,
    ...         {"lr": nn.log_uniform(1e-4, 1.0), "layers": [1, 2, 3]},
    ...         strategy="halving",
    ...         n=9,
    ...         budgets=(1, 3, 9),
    ...         rng=np.random.default_rng(0),
    ...         executor=executor,
    ...         results=None,
    ...     )
    >>> len(found), [row.configuration for row in found if row.budget == 3]
    (13, [0, 4, 5])
    >>> best = found.best()
    >>> best.budget, round(best.config["lr"], 4)
    (9, 0.0149)
    """
    _require_strategy(strategy, n, budgets, rng)
    require_mode(mode)
    chosen_seeds, checked = _distinct_integers(seeds), Space(space)
    header = {
        FORMAT: 1,
        "train_fn": _name(train_fn),
        "space": checked.describe(),
        "strategy": strategy,
        "score": score,
        "mode": mode,
        "rng": _fingerprint(rng),
    }
    if n is None or rng is None:
        configurations = checked.grid()
    else:
        configurations = checked.draw(n, rng)
    workers = workers_for(executor, train_fn, score)
    with (
        Journal(None if results is None else Path(results), header) as journal,
        SweepProgress(progress, score, mode) as shown,
    ):
        run = partial(_run, workers, journal, retry_failed, shown)
        plan = _Plan(configurations, chosen_seeds, budgets, score, mode)
        finished = False
        try:
            rows = plan.carry_out(run)
            finished = True
        finally:
            workers.close(now=not finished)
    return SweepResults(rows, score, mode)


class _Plan(NamedTuple):
    """Which runs to make: those of a later round depend on what earlier ones gave."""

    configurations: list[Configuration]
    seeds: list[int]
    budgets: Sequence[int | float] | None  # one round each
    score: str
    mode: str

    def carry_out(self, run: Callable[[list[Trial]], list[SweepRow]]) -> list[SweepRow]:
        """Make the runs of each round, and return the rows of all."""
        numbers = list(range(len(self.configurations)))
        if self.budgets is None:
            return run(self._trials(numbers, None))
        rows = run(self._trials(numbers, self.budgets[0]))
        last = rows
        for before, budget in itertools.pairwise(self.budgets):
            last = run(self._trials(self._best(last, before / budget), budget))
            rows = rows + last
        return rows

    def _trials(self, numbers: list[int], budget: Budget) -> list[Trial]:
        return [
            Trial(number, self.configurations[number], seed, budget)
            for number in numbers
            for seed in self.seeds
        ]

    def _best(self, rows: list[SweepRow], share: float) -> list[int]:
        """Return which configurations go on to the next round."""
        entries = averages(rows)
        room = max(1, int(len(entries) * share + 1e-9))  # 4 * (0.3 / 0.4) is below 3
        sound = [entry for entry in entries if entry.status == "ok"]
        best = rank(sound, self.score, self.mode)[:room]
        return sorted(entry.configuration for entry in best)


def _run(
    workers: Workers,
    journal: Journal,
    retry_failed: bool,
    progress: SweepProgress,
    trials: list[Trial],
) -> list[SweepRow]:
    """Return the rows of some trials; run those that the journal does not have."""
    progress.expect(len(trials))
    missing = []
    for trial in trials:
        row = journal.rows.get(trial.key)
        if row is None or (retry_failed and row.status == "failed"):
            missing.append(trial)
        else:
            progress.finish(row)
    for trial, outcome in workers.completed(missing):
        row = SweepRow.of(trial, outcome)
        journal.append(row)
        progress.finish(row)
    return [journal.rows[trial.key] for trial in trials]


def _require_strategy(
    strategy: str,
    n: int | None,
    budgets: Sequence[int | float] | None,
    rng: np.random.Generator | None,
) -> None:
    """Raise unless the arguments belong to the strategy."""
    if strategy not in ("grid", "random", "halving"):
        raise ValueError(
            f"sweep: strategy must be 'grid', 'random' or 'halving', got {strategy!r}."
        )
    if strategy == "grid":
        if n is not None or rng is not None:
            raise ValueError(
                "sweep: a grid has all configurations and draws none; n and rng belong "
                'to strategy="random".'
            )
    else:
        if n is None:
            raise ValueError(f"sweep: strategy={strategy!r} needs n= configurations.")
        require_size("sweep", "n", n)
        if not isinstance(rng, np.random.Generator):
            raise TypeError(
                f"sweep: strategy={strategy!r} draws configurations, but got "
                f"rng={rng!r}. Pass rng=numpy.random.default_rng(0)."
            )
    if (strategy == "halving") != (budgets is not None):
        raise ValueError(
            "sweep: halving needs increasing budgets, such as budgets=(1, 3, 9); the "
            "other strategies have none."
        )
    _require_increasing(budgets)


def _require_increasing(budgets: Sequence[int | float] | None) -> None:
    if budgets is None:
        return
    steps = itertools.pairwise((0, *budgets))
    sound = all(isinstance(budget, int | float) for budget in budgets) and all(
        before < after < math.inf for before, after in steps
    )
    if not sound or len(budgets) == 0:
        raise ValueError(
            f"sweep: budgets must be positive, finite and increasing, got {budgets!r}."
        )


def _distinct_integers(seeds: Iterable[int]) -> list[int]:
    if not isinstance(seeds, Iterable):
        raise TypeError(
            f"sweep: seeds must be a list, got {seeds!r}. Pass seeds=[{seeds}] for "
            f"this seed, or seeds=range({seeds}) for so many."
        )
    numbers = [operator.index(seed) for seed in seeds]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(
            f"sweep: there must be at least one seed, and none twice, got {numbers}."
        )
    return numbers


def _name(train_fn: Any) -> str:
    """Return the name of a function, also inside `functools.partial`."""
    if not callable(train_fn):
        raise TypeError(f"sweep: train_fn must be a function, got {train_fn!r}.")
    while isinstance(train_fn, partial):
        train_fn = train_fn.func
    return str(getattr(train_fn, "__qualname__", type(train_fn).__qualname__))


def _fingerprint(rng: np.random.Generator | None) -> str | None:
    """Return text that differs between states of a generator."""
    if rng is None:
        return None
    with np.printoptions(threshold=sys.maxsize):  # some states hold arrays
        state = repr(rng.bit_generator.state)
    return hashlib.sha256(state.encode()).hexdigest()[:16]
