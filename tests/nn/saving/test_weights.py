"""`nn.save_weights` and `nn.load_weights`, and the way to PyTorch and back."""

import numpy as np
import pytest

import nn
from autograd import CheckpointError, DTypeError
from nn.saving import read_state, read_weights
from tests.nn.cases import CASES, build, flat, inputs

RNG = np.random.default_rng


class Net(nn.Module):
    """A class of the user's."""

    def __init__(self, rng, dtype=np.float32):
        self.fc1 = nn.Linear(3, 4, rng=rng, dtype=dtype)
        self.norm = nn.BatchNorm1d(4, dtype=dtype)
        self.fc2 = nn.Linear(4, 2, rng=rng, dtype=dtype)

    def forward(self, x):
        return self.fc2(self.norm(self.fc1(x)))


def same_weights(a, b):
    mine, other = a.state_dict(), b.state_dict()
    return mine.keys() == other.keys() and all(
        np.array_equal(mine[k], other[k]) and mine[k].dtype == other[k].dtype
        for k in mine
    )


def test_weights_of_any_class_come_back(tmp_path):
    model, again = Net(RNG(0)), Net(RNG(1))
    model(RNG(2).random((5, 3)))
    nn.save_weights(model, tmp_path / "a")
    assert not same_weights(model, again)
    report = nn.load_weights(again, tmp_path / "a")
    assert report == ([], [])
    assert same_weights(model, again)
    assert again.norm.num_batches_tracked == 1


def test_weights_of_a_saved_model(tmp_path):
    model = nn.Sequential(nn.Linear(2, 3, rng=RNG(0)), nn.BatchNorm1d(3))
    again = nn.Sequential(nn.Linear(2, 3, rng=RNG(1)), nn.BatchNorm1d(3))
    nn.save(model, tmp_path / "a")
    nn.load_weights(again, tmp_path / "a")
    assert same_weights(model, again)


def test_I25_tied_weights_are_saved_under_both_names(tmp_path):
    rng = RNG(0)
    model = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Linear(3, 3, rng=rng))
    model[1].weight = model[0].weight
    nn.save_weights(model, tmp_path / "a")
    state = read_state(tmp_path / "a")
    assert np.array_equal(state["0.weight"], state["1.weight"])
    model[0].weight.data += 1.0
    nn.load_weights(model, tmp_path / "a")
    assert model[1].weight is model[0].weight
    assert np.array_equal(model[0].weight.data, state["0.weight"])


def test_I26_a_file_that_does_not_fit_changes_nothing(tmp_path):
    nn.save_weights(nn.Sequential(nn.Linear(3, 4, rng=RNG(0))), tmp_path / "a")
    model = nn.Sequential(nn.Linear(2, 4, rng=RNG(1)), nn.Linear(4, 1, rng=RNG(1)))
    before = model.state_dict()
    with pytest.raises(CheckpointError) as caught:
        nn.load_weights(model, tmp_path / "a")
    for part in ("missing 1.weight", "missing 1.bias", "0.weight (4, 3)", "(4, 2)"):
        assert part in str(caught.value)
    for name, value in model.state_dict().items():
        assert np.array_equal(value, before[name])


def test_I26_without_strict_what_fits_is_loaded(tmp_path):
    nn.save_weights(nn.Sequential(nn.Linear(3, 4, rng=RNG(0))), tmp_path / "a")
    model = nn.Sequential(nn.Linear(3, 4, rng=RNG(1)), nn.Linear(4, 1, rng=RNG(1)))
    report = nn.load_weights(model, tmp_path / "a", strict=False)
    assert report.missing_keys == ["1.weight", "1.bias"]
    assert np.array_equal(
        model[0].weight.data, read_weights(tmp_path / "a")["0.weight"]
    )


def test_I27_another_dtype_is_refused_unless_asked_for(tmp_path):
    nn.save_weights(Net(RNG(0), np.float64), tmp_path / "a")
    model = Net(RNG(1))
    with pytest.raises(DTypeError, match=r"fc1.weight float64.*cast=True"):
        nn.load_weights(model, tmp_path / "a")
    nn.load_weights(model, tmp_path / "a", cast=True)
    assert model.fc1.weight.dtype == np.float32


def test_I28_weights_go_by_name_not_by_position(tmp_path):
    first = nn.Sequential({"a": nn.Linear(2, 2, rng=RNG(0)), "b": nn.Tanh()})
    second = nn.Sequential({"c": nn.Linear(2, 2, rng=RNG(1))})
    nn.save_weights(first, tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"missing c.weight.*unexpected a.weight"):
        nn.load_weights(second, tmp_path / "a")


def test_files_of_other_programs_are_read(tmp_path):
    from safetensors.numpy import save_file

    model, again = Net(RNG(0)), Net(RNG(1))
    for metadata in (None, {}, {"format": "pt"}, {"author": "x"}):
        save_file(model.state_dict(), tmp_path / "a", metadata)
        nn.load_weights(again, tmp_path / "a")
        assert same_weights(model, again)
        with pytest.raises(CheckpointError, match=r"another program.*load_weights"):
            read_state(tmp_path / "a")


# ---- PyTorch ---------------------------------------------------------------------

EXCHANGED = [
    *("Linear(4, 3)", "Bilinear(3, 4, 2)", "Conv1d(2, 3, 3)", "Conv2d(2, 3, 3)"),
    *("ConvTranspose2d(3, 2, 3)", "BatchNorm1d(3)", "BatchNorm2d(3)", "LayerNorm(4)"),
    *("GroupNorm(2, 4)", "RMSNorm(4)", "RNN(3, 4)", "LSTM(3, 4)", "GRU(3, 4)"),
    *("LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)",),
    *("LSTMCell(3, 4)", "MultiheadAttention(6, 2)"),
    "TransformerEncoderLayer(6, 2, 8, 0.0)",
    "InstanceNorm2d(3, affine=True, track_running_stats=True)",
]


def find(label):
    return next(CASES[name] for name in CASES if name.startswith(f"{label} of"))


def close(mine, reference):
    reference = [x.detach().numpy() for x in flat(reference)]
    assert len(flat(mine)) == len(reference)
    return all(
        np.allclose(a.data, b, rtol=1e-10, atol=1e-12)
        for a, b in zip(flat(mine), reference, strict=True)
    )


@pytest.mark.parametrize("label", EXCHANGED)
def test_torch_reads_our_weights_and_we_read_its(tmp_path, label):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    case = find(label)
    ours = build(case, np.float64)
    theirs = getattr(torch.nn, case.name)(*case.args, **case.kwargs).double()
    nn.save_weights(ours, tmp_path / "ours")
    theirs.load_state_dict(load_file(tmp_path / "ours"))
    args = inputs(case, np.float64)
    reference = theirs(*map(torch.tensor, args))
    assert close(ours(*args), reference)

    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.mul_(1.25)
    save_file(theirs.state_dict(), tmp_path / "theirs")
    nn.load_weights(ours, tmp_path / "theirs")
    assert close(ours(*args), theirs(*map(torch.tensor, args)))
    for name, value in theirs.state_dict().items():
        mine = ours.state_dict()[name]
        assert mine.shape == tuple(value.shape)
        assert np.allclose(mine, value.numpy(), rtol=1e-12)


def test_torch_embedding_and_counts(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    ours = nn.Sequential(nn.Embedding(5, 3, rng=RNG(0)), nn.BatchNorm1d(7))
    theirs = torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.BatchNorm1d(7))
    theirs(torch.arange(14).reshape(2, 7) % 5)
    save_file(theirs.state_dict(), tmp_path / "theirs")
    nn.load_weights(ours, tmp_path / "theirs")
    assert ours[1].num_batches_tracked == 1
    assert ours[1].num_batches_tracked.shape == ()
    nn.save_weights(ours, tmp_path / "ours")
    back = load_file(tmp_path / "ours")
    assert back.keys() == theirs.state_dict().keys()
    for name, value in theirs.state_dict().items():
        assert torch.equal(back[name], value), name
        assert back[name].dtype == value.dtype


def test_torch_dtypes_that_numpy_lacks_say_what_to_do(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    save_file({"w": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"'w' has dtype BF16.*\.float\(\)"):
        nn.load_weights(nn.Identity(), tmp_path / "a")


def test_no_weights_at_all(tmp_path):
    nn.save_weights(nn.ReLU(), tmp_path / "a")
    assert nn.load_weights(nn.ReLU(), tmp_path / "a") == ([], [])
