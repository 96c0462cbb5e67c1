"""The learning-rate range test: what it measures, and that it leaves no trace."""

import numpy as np
import pytest

import nn


def problem(optimizer=nn.optim.Adam, **settings):
    """Return a model with dropout, batch normalisation and a shuffling loader."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(3, 8, rng=rng),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.2, rng=np.random.default_rng(1)),
        nn.Linear(8, 1, rng=rng),
    )
    inputs = rng.normal(size=(40, 3))
    data = nn.TensorDataset(inputs, np.tanh(inputs @ rng.normal(size=(3, 1))))
    loader = nn.DataLoader(data, 8, shuffle=True, rng=np.random.default_rng(2))
    return model, nn.MSELoss(), optimizer(model.parameters(), **settings), loader


def train(model, loss, optimizer, loader, epochs=2):
    losses = []
    for _ in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            value = loss(model(inputs), targets)
            value.backward()
            optimizer.step()
            losses.append(value.item())
    return losses


def state_of(model, loss, optimizer, loader):
    gradients = [p.grad for p in model.parameters()]
    return [
        model.state_dict(),
        optimizer.state_dict(),
        loader.state_dict(),
        model[3].rng.bit_generator.state,
        [None if g is None else g.copy() for g in gradients],
        [module.training for module in model.modules()],
    ]


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list):
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
    else:
        assert one == other


@pytest.mark.parametrize("optimizer", [nn.optim.Adam, nn.optim.SGD])
@pytest.mark.parametrize("warm", [0, 2])
def test_it_leaves_no_trace(optimizer, warm):
    touched, plain = problem(optimizer, lr=0.01), problem(optimizer, lr=0.01)
    train(*touched, epochs=warm)
    train(*plain, epochs=warm)
    touched[0][1].eval()
    plain[0][1].eval()
    arrays = [p.data for p in touched[0].parameters()]
    nn.lr_range_test(*touched, highest=10.0, steps=30)
    assert_same(state_of(*touched), state_of(*plain))
    same = zip(touched[0].parameters(), arrays, strict=True)
    assert all(p.data is array for p, array in same)
    assert train(*touched) == train(*plain)


def test_it_leaves_no_trace_after_an_error():
    model, _, optimizer, loader = problem(lr=0.01)
    calls = []

    def loss(predictions, targets):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return nn.MSELoss()(predictions, targets)

    before = state_of(model, loss, optimizer, loader)
    with pytest.raises(KeyboardInterrupt):
        nn.lr_range_test(model, loss, optimizer, loader)
    assert_same(state_of(model, loss, optimizer, loader), before)


def test_its_losses_are_those_of_training_with_growing_rates():
    measured = nn.lr_range_test(*problem(nn.optim.SGD, lr=0.5), steps=12, highest=0.1)
    model, loss, optimizer, loader = problem(nn.optim.SGD, lr=0.5)
    batches = [batch for _ in range(3) for batch in loader][:12]
    expected = []
    for (inputs, targets), rate in zip(batches, measured.rates, strict=True):
        optimizer.param_groups[0]["lr"] = float(rate)
        expected += train(model, loss, optimizer, [(inputs, targets)], epochs=1)
    assert measured.losses.tolist() == expected
    np.testing.assert_allclose(measured.rates, np.geomspace(1e-6, 0.1, 12))


def test_the_smoothed_loss():
    measured = nn.lr_range_test(*problem(lr=0.1), steps=10)
    weights = 0.9 ** np.arange(10)
    for t, smoothed in enumerate(measured.smoothed):
        past = weights[t::-1]
        expected = np.sum(past * measured.losses[: t + 1]) / np.sum(past)
        np.testing.assert_allclose(smoothed, expected, rtol=1e-12)


def one_weight(lowest, highest, steps=60, start=1.0):
    """Gradient descent on w^2, which is stable for rates below 1."""
    model = nn.Linear(1, 1, bias=False, rng=np.random.default_rng(0), dtype=np.float64)
    model.weight.data = np.array([[start]])
    data = [(np.ones((1, 1)), np.zeros((1, 1)))]
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    return nn.lr_range_test(
        model, nn.MSELoss(), optimizer, data, lowest, highest, steps
    )


def test_the_suggestion_lies_where_the_loss_falls():
    measured = one_weight(1e-3, 1e3)
    assert measured.diverged
    assert len(measured.rates) == len(measured.losses) == len(measured.smoothed) < 60
    best = measured.rates[np.argmin(measured.smoothed)]
    assert 0.5 < best < 10.0  # stable below 1; it takes some steps to explode
    assert measured.suggested == float(f"{best / 10:.1g}")
    assert f"Begin with lr={measured.suggested:g}" in measured.suggestion
    assert f"explodes at {measured.rates[-1]:.2g}" in measured.suggestion


@pytest.mark.parametrize(
    ("bounds", "diverged", "words"),
    [
        ((1e-6, 1e-2), False, "still falling at the highest rate, 0.01"),
        ((10.0, 1e3), True, "The loss never fell"),
    ],
)
def test_no_suggestion_without_reason(bounds, diverged, words):
    measured = one_weight(*bounds)
    assert (measured.diverged, measured.suggested) == (diverged, None)
    assert words in measured.suggestion


def test_a_loss_that_is_not_finite_ends_the_test():
    measured = one_weight(1e-3, 1e3, start=np.inf)
    assert measured.diverged
    assert len(measured.losses) == 1
    assert measured.suggested is None


class Blend(nn.Module):
    """Two inputs."""

    def __init__(self, rng):
        self.layer = nn.Linear(3, 1, rng=rng)

    def forward(self, one, other):
        return self.layer(one + other)


def test_a_model_with_two_inputs():
    rng = np.random.default_rng(0)
    model = Blend(rng)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    test = nn.lr_range_test(model, nn.MSELoss(), optimizer, [(x, x, y)], steps=5)
    assert len(test.rates) == 5


class Noisy:
    """A data set that draws from a generator of its own."""

    def __init__(self):
        self.rng = np.random.default_rng(3)

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return self.rng.normal(size=3), np.ones(1)


def test_the_generator_of_a_data_set_is_put_back():
    model, loss, optimizer, _ = problem()
    noisy = Noisy()
    data = nn.DataLoader(nn.Subset(noisy, range(6)), 3)
    before = noisy.rng.bit_generator.state
    nn.lr_range_test(model, loss, optimizer, data, steps=5)
    assert noisy.rng.bit_generator.state == before


def test_what_is_no_data_and_no_optimizer_for_it():
    model, loss, optimizer, _ = problem()
    x, y = np.zeros((4, 3)), np.zeros((4, 1))
    with pytest.raises(TypeError, match=r"must be \(input, target\).*got a ndarray"):
        nn.lr_range_test(model, loss, optimizer, (x, y))
    optimizer = nn.optim.LBFGS(model.parameters())
    with pytest.raises(TypeError, match="LBFGS looks for the length of its steps"):
        nn.lr_range_test(model, loss, optimizer, [(x, y)])


def test_repr_says_what_was_found():
    test = nn.lr_range_test(*problem(), steps=5)
    assert repr(test) == f"LearningRateTest(5 steps. {test.suggestion})"


@pytest.mark.parametrize("bounds", [(0, 1), (1, 1), (2, 1), (1, np.inf), (np.nan, 1)])
def test_refused_ranges(bounds):
    with pytest.raises(ValueError, match="0 < lowest < highest"):
        nn.lr_range_test(*problem(lr=0.1), *bounds)
    with pytest.raises(ValueError, match=r"at least 5 steps, got .* 4"):
        nn.lr_range_test(*problem(lr=0.1), steps=4)


def test_data_that_end_are_refused():
    model, loss, optimizer, loader = problem(lr=0.1)
    for data in ([], iter(list(loader))):
        with pytest.raises(ValueError, match="no more batches"):
            nn.lr_range_test(model, loss, optimizer, data)
