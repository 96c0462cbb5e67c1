"""Batches of a dataset, in an order that can be continued in the middle."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import CheckpointError
from nn.checks import require_size
from nn.data.collation import collate
from nn.data.dataset import Dataset, rows_of
from nn.parameter import require_rng

__all__ = ["DataLoader"]

RngState = Mapping[str, Any]


class _Epoch:
    """One pass over the data: its order, where that was drawn, how far it has come."""

    def __init__(
        self, order: npt.NDArray[np.intp], start: RngState | None, batch: int = 0
    ) -> None:
        self.order = order
        self.start = start  # the generator's state before the order was drawn
        self.batch = batch  # how many batches were handed out


class _Position(NamedTuple):
    """A state after all checks: what `load_state_dict` sets."""

    epoch: _Epoch | None
    rng: RngState | None


class DataLoader:
    """Iterate over a dataset in batches; each iteration is one epoch.

    Parameters
    ----------
    dataset : Dataset
        A `TensorDataset`, or anything with ``len`` and integer indices.
    batch_size : int, default 1
        Samples in a batch; the last one has what remains.
    shuffle : bool, default False
        Whether every epoch has a new random order.
    drop_last : bool, default False
        Whether to leave out a last batch that is not full.
    rng : Generator, optional
        Where the order is drawn from; needed for ``shuffle=True``.
    collate_fn : callable, optional
        Makes a batch of a list of samples; by default `nn.data.collate`.

    Raises
    ------
    ValueError
        If the dataset is empty, if no batch would ever be full although
        ``drop_last=True``, or if ``shuffle=True`` has no ``rng``.
    TypeError
        If ``batch_size`` is no integer, or ``rng`` no generator.

    Notes
    -----
    A batch of a `TensorDataset` is one indexing of whole arrays: a tuple of arrays with
    the batch as first axis, which are copies.  With another dataset, or with a
    ``collate_fn``, samples are taken one by one.

    `state_dict` in the middle of an epoch says where it is, `load_state_dict` makes the
    next iteration hand out exactly the batches that remained.  Datasets and functions
    that draw random numbers themselves are continued exactly as well if they draw from
    the loader's own ``rng``.  With several iterations at a time, the state is that of
    the one which started last.

    Examples
    --------
    >>> import nn, numpy as np
    >>> dataset = nn.TensorDataset(np.arange(5), np.arange(5) ** 2)
    >>> loader = nn.DataLoader(
    ...     dataset, batch_size=2, shuffle=True, rng=np.random.default_rng(0)
    ... )
    >>> loader
    DataLoader(TensorDataset((5,) int64, (5,) int64), batch_size=2, shuffle=True:
    3 batches)
    >>> batches = iter(loader)
    >>> [part.tolist() for part in next(batches)]
    [[2, 4], [4, 16]]
    >>> state = loader.state_dict()
    >>> [x.tolist() for x, y in batches]
    [[3, 0], [1]]
    >>> loader.load_state_dict(state)
    >>> [x.tolist() for x, y in loader]
    [[3, 0], [1]]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: np.random.Generator | None = None,
        collate_fn: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = require_size("DataLoader", "batch_size", batch_size)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.rng = None if rng is None else require_rng("DataLoader", rng)
        self.collate_fn = collate_fn
        self._epoch: _Epoch | None = None  # that runs, or was loaded
        self._loaded: _Epoch | None = None  # what the next iteration continues
        self._check_settings()

    def _check_settings(self) -> None:
        if self.shuffle and self.rng is None:
            raise ValueError(
                "DataLoader: shuffle=True needs random numbers: pass "
                "rng=numpy.random.default_rng(0), or the generator of your program."
            )
        n = len(self.dataset)
        if not n:
            raise ValueError("DataLoader: the dataset is empty.")
        if not len(self):
            raise ValueError(
                f"DataLoader: with drop_last=True there would be no batch at all: the "
                f"dataset has {n} samples, a batch {self.batch_size}."
            )

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __repr__(self) -> str:
        data, kind = repr(self.dataset), type(self.dataset)
        if "__repr__" not in {
            name for base in kind.__mro__[:-1] for name in vars(base)
        }:
            data = f"{kind.__name__} of {len(self.dataset)}"
        flags = "".join(
            f", {name}=True" for name in ("shuffle", "drop_last") if getattr(self, name)
        )
        batches = f"{len(self)} batch{'es' * (len(self) != 1)}"
        return f"DataLoader({data}, batch_size={self.batch_size}{flags}: {batches})"

    def __iter__(self) -> Iterator[Any]:
        """Start an epoch, or continue the one that was loaded."""
        epoch = self._loaded or self._new_epoch()
        self._epoch, self._loaded = epoch, None
        return self._batches(epoch)

    def _new_epoch(self) -> _Epoch:
        start = None if self.rng is None else self.rng.bit_generator.state
        return _Epoch(self._order(self.rng), start)

    def _order(self, rng: np.random.Generator | None) -> npt.NDArray[np.intp]:
        n = len(self.dataset)
        if self.shuffle and rng is not None:
            return rng.permutation(n)
        return np.arange(n)

    def _batches(self, epoch: _Epoch) -> Iterator[Any]:
        size = self.batch_size
        last = len(epoch.order) - (size - 1 if self.drop_last else 0)
        while epoch.batch * size < last:
            first = epoch.batch * size
            batch = self._batch(epoch.order[first : first + size])
            epoch.batch += 1
            yield batch
        if self._epoch is epoch:
            self._epoch = None

    def _batch(self, indices: npt.NDArray[np.intp]) -> Any:
        if self.collate_fn is None:
            rows = rows_of(self.dataset, indices)
            if rows is not None:
                return rows
        make = collate if self.collate_fn is None else self.collate_fn
        return make([self.dataset[i] for i in indices.tolist()])

    def state_dict(self) -> dict[str, Any]:
        """Return the position in the data, for `load_state_dict`.

        Returns
        -------
        dict
            - ``batch``: how many batches of the running epoch were handed out;
            - ``rng``: the state of the generator from which the order of the running
              epoch was drawn, or that of the next epoch where none is running; None
              without generator;
            - ``rng_now``: the present state of the generator in a running epoch;
            - ``samples``, ``batch_size``, ``shuffle`` and ``drop_last``: what must be
              the same where the state is loaded.
        """
        now = None if self.rng is None else self.rng.bit_generator.state
        epoch = self._epoch
        return {
            "batch": epoch.batch if epoch else 0,
            "rng": copy.deepcopy(epoch.start) if epoch else now,
            "rng_now": now if epoch else None,
            **self._settings(),
        }

    def _settings(self) -> dict[str, Any]:
        return {
            "samples": len(self.dataset),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Make the next iteration continue where a state was taken.

        Parameters
        ----------
        state : dict
            From `state_dict` of a loader with the same settings over the same data.

        Raises
        ------
        CheckpointError
            If a key is missing or unknown, a setting differs, or the position or the
            generator's state is impossible; nothing is changed then.
        """
        self._check_fit(state)
        position = self._position(state)
        if self.rng is not None and position.rng is not None:
            self.rng.bit_generator.state = position.rng
        self._epoch = self._loaded = position.epoch

    def _check_fit(self, state: dict[str, Any]) -> None:
        settings = self._settings()
        known = {"batch", "rng", "rng_now", *settings}
        if not isinstance(state, dict) or set(state) != known:
            got = list(state) if isinstance(state, dict) else type(state).__name__
            raise _unfit(f"it must be a dict with the keys {sorted(known)}, got {got}")
        for name, value in settings.items():
            if type(state[name]) is not type(value) or state[name] != value:
                raise _unfit(f"{name} is {state[name]!r} in it and {value!r} here")
        batch = state["batch"]
        if type(batch) is not int or not 0 <= batch <= len(self):
            raise _unfit(f"batch must be an integer from 0 to {len(self)}, got {batch}")

    def _position(self, state: dict[str, Any]) -> _Position:
        batch, start, now = state["batch"], state["rng"], state["rng_now"]
        if self.rng is None:
            if start is not None or now is not None:
                raise _unfit("it has the state of a generator, but rng is None here")
            return _Position(_Epoch(self._order(None), None, batch), None)
        rng = self._generator_at(start)
        if now is None:
            if batch:
                raise _unfit(f"rng_now is missing although batch is {batch}")
            return _Position(None, rng.bit_generator.state)
        epoch = _Epoch(self._order(rng), copy.deepcopy(start), batch)
        return _Position(epoch, self._generator_at(now).bit_generator.state)

    def _generator_at(self, state: Any) -> np.random.Generator:
        """Return a generator like the loader's own in a given state."""
        rng = copy.deepcopy(require_rng("DataLoader", self.rng))
        try:
            rng.bit_generator.state = state
        except (LookupError, OverflowError, TypeError, ValueError) as error:
            raise _unfit(f"the state of its generator is impossible: {error}") from None
        return rng


def _unfit(problem: str) -> CheckpointError:
    return CheckpointError(
        f"DataLoader.load_state_dict: the state does not fit (nothing was loaded): "
        f"{problem}."
    )
