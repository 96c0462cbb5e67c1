"""Batches: every sample once, and continued to the bit from anywhere."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import CheckpointError

BIT_GENERATORS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


class Squares:
    """A dataset that is no array, and remembers what it was asked for."""

    def __init__(self, n):
        self.n = n
        self.asked = []

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        assert type(i) is int
        self.asked.append(i)
        return i, i * i


def generator(seed=0, kind="PCG64"):
    return np.random.Generator(getattr(np.random, kind)(seed))


def loader(n=10, batch_size=3, *, seed=0, kind="PCG64", **settings):
    dataset = nn.TensorDataset(np.arange(n), np.arange(n) * 0.5)
    rng = generator(seed, kind)
    return nn.DataLoader(dataset, batch_size, rng=rng, **settings)


def rows(batches):
    return [batch[0].tolist() for batch in batches]


@given(
    n=st.integers(1, 40),
    batch_size=st.integers(1, 45),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    as_arrays=st.booleans(),
    seed=st.integers(0, 99),
)
def test_every_sample_comes_once(n, batch_size, shuffle, drop_last, as_arrays, seed):
    dataset = nn.TensorDataset(np.arange(n), np.arange(n) ** 2)
    settings = (batch_size, shuffle, drop_last, generator(seed))
    if drop_last and batch_size > n:
        with pytest.raises(ValueError, match="no batch at all"):
            nn.DataLoader(dataset, *settings)
        return
    batches = nn.DataLoader(dataset if as_arrays else Squares(n), *settings)
    found = list(batches)
    assert len(found) == len(batches)
    sizes = [len(x) for x, _ in found]
    assert all(size == batch_size for size in sizes[:-1])
    assert sizes[-1] == (batch_size if drop_last else n - batch_size * (len(sizes) - 1))
    visited = np.concatenate([x for x, _ in found])
    assert len(np.unique(visited)) == len(visited)
    assert drop_last or len(visited) == n
    np.testing.assert_array_equal(np.concatenate([y for _, y in found]), visited**2)
    assert shuffle or visited.tolist() == list(range(len(visited)))


@given(
    n=st.integers(1, 30),
    batch_size=st.integers(1, 8),
    shuffle=st.booleans(),
    stop=st.integers(0, 40),
    epochs=st.integers(0, 2),
    kind=st.sampled_from(BIT_GENERATORS),
)
def test_a_restored_loader_gives_the_same_rest(
    n, batch_size, shuffle, stop, epochs, kind
):
    first = loader(n, batch_size, shuffle=shuffle, kind=kind)
    for _ in range(epochs):
        list(first)
    batches = iter(first)
    for _ in range(min(stop, len(first))):
        next(batches)
    state = first.state_dict()
    again = loader(n, batch_size, shuffle=shuffle, kind=kind, seed=12345)
    again.load_state_dict(copy.deepcopy(state))
    np.testing.assert_equal(again.state_dict(), state)
    for _ in range(3):  # the rest of this epoch, and two more
        assert rows(batches) == rows(again)
        np.testing.assert_equal(again.state_dict(), first.state_dict())
        batches = iter(first)


def test_the_state_survives_json():
    first = loader(shuffle=True)
    batches = iter(first)
    next(batches)
    again = loader(shuffle=True, seed=9)
    again.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert rows(again) == rows(batches)


def test_random_numbers_of_others_are_continued_as_well():
    """A dataset or a layer may draw from the generator of the loader."""

    def run(batches, rng):
        return [(*batch[0].tolist(), rng.random()) for batch in batches]

    first = loader(shuffle=True)
    batches = iter(first)
    run([next(batches), next(batches)], first.rng)
    state = first.state_dict()
    again = loader(shuffle=True, seed=9)
    again.load_state_dict(state)
    assert run(again, again.rng) == run(batches, first.rng)
    assert run(again, again.rng) == run(first, first.rng)


def test_a_state_does_not_change_when_training_goes_on():
    first = loader(shuffle=True, kind="MT19937")
    batches = iter(first)
    next(batches)
    state = first.state_dict()
    before = copy.deepcopy(state)
    list(batches)
    list(first)
    np.testing.assert_equal(state, before)


def test_epochs_differ_and_seeds_repeat():
    one, two = loader(100, shuffle=True), loader(100, shuffle=True)
    first, second = rows(one), rows(one)
    assert first != second
    assert [first, second] == [rows(two), rows(two)]


def test_after_the_last_batch_nothing_remains_and_then_a_new_epoch():
    first = loader(4, 2, shuffle=True)
    batches = iter(first)
    next(batches), next(batches)
    assert first.state_dict()["batch"] == 2
    again = loader(4, 2, shuffle=True)
    again.load_state_dict(first.state_dict())
    assert rows(again) == []
    assert list(batches) == []
    assert first.state_dict()["batch"] == 0
    assert rows(again) == rows(first)


def test_an_epoch_that_was_left_is_not_continued():
    first = loader(4, 2)
    next(iter(first))
    state = first.state_dict()
    assert rows(first) == [[0, 1], [2, 3]]
    first.load_state_dict(state)
    assert next(iter(first))[0].tolist() == [2, 3]
    assert rows(first) == [[0, 1], [2, 3]]


def test_iterations_at_a_time_do_not_disturb_each_other():
    first = loader(6, 2)
    pairs = [(a[0].tolist(), b[0].tolist()) for a, b in zip(first, first, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3]), ([4, 5], [4, 5])]
    old, new = iter(first), iter(first)
    next(old), next(old)
    next(new)
    assert first.state_dict()["batch"] == 1
    assert rows(old) == [[4, 5]]
    assert first.state_dict()["batch"] == 1


def test_batches_of_arrays_are_copies_in_one_piece():
    dataset = nn.TensorDataset(np.zeros((4, 2)))
    for (x,) in nn.DataLoader(dataset, 2):
        x += 1
    assert not dataset.arrays[0].any()


def test_subsets_of_arrays_are_taken_whole():
    dataset = nn.TensorDataset(np.arange(10))
    subset = nn.Subset(nn.Subset(dataset, np.arange(9, -1, -1)), [0, 2, 4])
    assert rows(nn.DataLoader(subset, 2)) == [[9, 7], [5]]


def test_a_class_of_ones_own_is_asked_for_every_sample():
    class Doubled(nn.TensorDataset):
        def __getitem__(self, i):
            return tuple(2 * part for part in super().__getitem__(i))

    assert rows(nn.DataLoader(Doubled([1, 2, 3]), 2)) == [[2, 4], [6]]
    squares = Squares(3)
    list(nn.DataLoader(squares, 2))
    assert squares.asked == [0, 1, 2]


def test_collate_fn_gets_the_list_of_samples():
    batches = nn.DataLoader(["a", "bb", "ccc"], 2, collate_fn=" ".join)
    assert list(batches) == ["a bb", "ccc"]
    dataset = nn.TensorDataset([1, 2, 3])
    (batch,) = nn.DataLoader(dataset, 3, collate_fn=lambda samples: samples)
    assert [x.item() for (x,) in batch] == [1, 2, 3]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"shuffle": True}, ValueError, "shuffle=True needs random numbers"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be an integer"),
        ({"rng": 3}, TypeError, "rng=3"),
        ({"batch_size": 5, "drop_last": True}, ValueError, "4 samples, a batch 5"),
        ({"dataset": []}, ValueError, "dataset is empty"),
    ],
)
def test_impossible_settings(settings, error, message):
    with pytest.raises(error, match=message):
        nn.DataLoader(**{"dataset": [1, 2, 3, 4], **settings})


def test_dropping_or_changing_any_item_of_the_state_is_noticed():
    first = loader(shuffle=True)
    next(iter(first))
    state = first.state_dict()
    changed = {
        "batch": -1,
        "rng": None,
        "rng_now": None,
        "samples": 11,
        "batch_size": 4,
        "shuffle": False,
        "drop_last": True,
    }
    assert set(changed) == set(state)
    for key, value in changed.items():
        for bad in (
            {k: v for k, v in state.items() if k != key},
            state | {key: value},
        ):
            _refused(bad)
    for bad in (None, [], {}, state | {"more": 1}, state | {1: 1}):
        _refused(bad)
    for bad in (state | {"samples": np.arange(10)}, state | {"shuffle": 1}):
        _refused(bad)
    for batch in (5, 1.0, True, "1", None):
        _refused(state | {"batch": batch})


@pytest.mark.parametrize("kind", BIT_GENERATORS)
def test_damaged_states_of_generators_are_noticed(kind):
    first = loader(shuffle=True, kind=kind)
    next(iter(first))
    state = first.state_dict()
    for key in ("rng", "rng_now"):
        for bad in ({}, "x", 3, {"bit_generator": "other"}, {**state[key], "state": 1}):
            _refused(state | {key: bad}, kind)
        for part in state[key]:
            _refused(
                state | {key: {k: v for k, v in state[key].items() if k != part}}, kind
            )


def _refused(bad, kind="PCG64"):
    """A bad state is refused, and changes nothing, even in the middle of an epoch."""
    running = loader(shuffle=True, kind=kind, seed=7)
    untouched = loader(shuffle=True, kind=kind, seed=7)
    batches, others = iter(running), iter(untouched)
    next(batches), next(others)
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        running.load_state_dict(bad)
    np.testing.assert_equal(running.state_dict(), untouched.state_dict())
    assert rows(batches) == rows(others)
    assert rows(running) == rows(untouched)


def test_a_state_with_a_generator_needs_one():
    plain = nn.DataLoader([1, 2, 3])
    with_rng = nn.DataLoader([1, 2, 3], rng=generator())
    for one, other in ((plain, with_rng), (with_rng, plain)):
        with pytest.raises(CheckpointError):
            one.load_state_dict(other.state_dict())


def test_without_generator():
    first = nn.DataLoader([10, 11, 12, 13])
    batches = iter(first)
    next(batches)
    again = nn.DataLoader([10, 11, 12, 13])
    again.load_state_dict(first.state_dict())
    assert [int(x[0]) for x in again] == [11, 12, 13]
    assert [int(x[0]) for x in again] == [10, 11, 12, 13]


def test_repr():
    text = "DataLoader(TensorDataset((10,) int64, (10,) float64), batch_size=3"
    assert repr(loader()) == f"{text}: 4 batches)"
    shuffled = loader(shuffle=True, drop_last=True)
    assert repr(shuffled) == f"{text}, shuffle=True, drop_last=True: 3 batches)"
    assert repr(nn.DataLoader(Squares(4), 8)) == (
        "DataLoader(Squares of 4, batch_size=8: 1 batch)"
    )
