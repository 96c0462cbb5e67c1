"""Digits: an honest split, and both networks learn."""

import numpy as np
import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from sklearn.datasets import load_digits

from demos import digits, digits_cnn, digits_mlp

PNG = b"\x89PNG"


def test_split_has_every_image_once():
    train, validation = digits.load_data(np.random.default_rng(0))
    images = np.concatenate([train[0], validation[0]]).reshape(-1, 64)
    _, pixels = np.unique(images, return_inverse=True)  # from 0 to 16 again
    split = np.column_stack([pixels.reshape(-1, 64), [*train[1], *validation[1]]])
    whole = load_digits()
    expected = np.column_stack([whole.data.astype(int), whole.target])
    assert (len(train[1]), len(validation[1])) == (1437, 360)
    assert sorted(map(tuple, split)) == sorted(map(tuple, expected))


def test_split_is_random():
    (_, first), _ = digits.load_data(np.random.default_rng(0))
    (_, again), _ = digits.load_data(np.random.default_rng(0))
    (_, other), _ = digits.load_data(np.random.default_rng(1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_standardised_by_the_training_images_alone():
    (images, _), (unseen, _) = digits.load_data(np.random.default_rng(0), n_train=100)
    assert abs(images.mean()) < 1e-6
    assert abs(images.std() - 1) < 1e-6
    assert abs(unseen.mean()) > 1e-4


def test_mlp_learns(tmp_path, capsys):
    accuracy = digits_mlp.main(epochs=3, hidden=64, n_train=400, out=tmp_path)
    printed = capsys.readouterr().out
    assert 0.7 < accuracy < 1
    assert f"Accuracy on 1397 unseen images: {accuracy:.1%}" in printed
    assert f"{round((1 - accuracy) * 1397)} of 1397 images are taken" in printed
    for name in ("digits_mlp.png", "digits_mlp_confusion.png"):
        assert (tmp_path / name).read_bytes().startswith(PNG)


def test_mistakes_are_listed_most_frequent_first(capsys):
    labels = np.array([3, 3, 3, 8, 1, 9])
    digits_mlp.print_mistakes(labels, np.array([5, 3, 5, 1, 1, 9]))
    assert capsys.readouterr().out.splitlines()[1:] == [
        "3 of 6 images are taken for another digit:",
        "  3 for 5: 2",
        "  8 for 1: 1",
    ]


def test_cnn_learns(tmp_path, capsys):
    accuracy, after_shift = digits_cnn.main(
        epochs=2, channels=8, n_train=1300, out=tmp_path
    )
    assert accuracy > 0.3
    assert after_shift > 0.3
    assert f"sideways by one pixel: {after_shift:.1%}" in capsys.readouterr().out
    assert (tmp_path / "digits_cnn.png").read_bytes().startswith(PNG)


def test_shift_moves_the_image_and_repeats_its_edge():
    image = np.arange(64.0).reshape(1, 8, 8)
    moved = digits_cnn.shifted(image, down=1, right=-1)
    np.testing.assert_array_equal(moved[0, 1:, :7], image[0, :7, 1:])
    np.testing.assert_array_equal(moved[0, 0, :7], image[0, 0, 1:])
    np.testing.assert_array_equal(moved[0, 1:, 7], image[0, :7, 7])


def test_random_shifts_keep_labels_and_differ_between_images():
    image = np.random.default_rng(0).standard_normal((1, 8, 8))
    shifts = digits_cnn.RandomShifts(np.random.default_rng(1))
    images, labels = shifts([(image, k) for k in range(60)])
    allowed = [
        digits_cnn.shifted(image, down, right).tobytes()
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    ]
    assert labels.tolist() == list(range(60))
    assert {x.tobytes() for x in images} == set(allowed)


@pytest.mark.slow
def test_mlp_reaches_98_percent(tmp_path):
    assert digits_mlp.main(out=tmp_path) >= 0.98


@pytest.mark.slow
def test_cnn_reaches_98_percent_and_bears_shifts(tmp_path):
    accuracy, after_shift = digits_cnn.main(out=tmp_path)
    assert accuracy >= 0.98
    assert after_shift >= 0.97
