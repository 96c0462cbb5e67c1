"""Rows J of the catalogue of traps: files that were damaged after saving."""

import numpy as np
import pytest

from autograd import CheckpointError
from nn.saving import read_state, read_weights, write_state
from nn.saving.atomic import previous_path
from tests.nn.saving.states import equal, refused, saved, state, weights


@pytest.mark.parametrize("row", ["J09", "J10", "J11"])
def test_J09_J10_J11_one_flipped_bit_names_the_array(tmp_path, row):
    content = bytearray(saved(tmp_path / "a"))
    position = {"J09": -1, "J10": -20, "J11": -50}[row]
    content[position] ^= 1 << int(row[1:]) % 8
    (tmp_path / "a").write_bytes(content)
    text = refused(tmp_path / "a")
    assert "does not match its SHA-256" in text
    assert "'fc1." in text or "'steps'" in text


def test_J12_truncations_are_one_error(tmp_path):
    content = saved(tmp_path / "a")
    for length in [*range(0, len(content), 9), len(content) - 1]:
        (tmp_path / "a").write_bytes(content[:length])
        refused(tmp_path / "a")
    saved(tmp_path / "a")
    saved(tmp_path / "a")
    (tmp_path / "a").write_bytes(content[:100])
    previous = f"The previous checkpoint is intact: {previous_path(tmp_path / 'a')}"
    assert previous in refused(tmp_path / "a")
    (tmp_path / "a.previous").write_bytes(content[:100])
    assert "previous" not in refused(tmp_path / "a")


def damaged(content, numbers):
    """Return a copy of a file that one accident has happened to."""
    n = len(content)
    kind = numbers.integers(6)
    a, b = sorted(int(x) for x in numbers.integers(n, size=2))
    length = int(numbers.integers(1, 65))
    noise = numbers.bytes(length)
    if kind == 0:  # a bit
        return content[:a] + bytes([content[a] ^ 1 << b % 8]) + content[a + 1 :]
    if kind == 1:  # a byte
        return content[:a] + noise[:1] + content[a + 1 :]
    if kind == 2:  # the end is missing
        return content[:a]
    if kind == 3:  # something in between
        return content[:a] + noise + content[a:]
    if kind == 4:  # a part is missing, or is there twice
        return content[:a] + content[min(a + length, n) :] + content[n - length :]
    length = min(length, b - a, n - b)  # two blocks have changed places
    return (
        content[:a]
        + content[b : b + length]
        + content[a + length : b]
        + content[a : a + length]
        + content[b + length :]
    )


def attack(path, content, read, original, times):
    """Return how many damaged files were refused; those that are read are equal."""
    numbers = np.random.default_rng(0)
    refusals = 0
    for _ in range(times):
        changed = damaged(content, numbers)
        path.write_bytes(changed)
        try:
            result = read(path)
        except CheckpointError:
            refusals += 1
        else:
            assert equal(result, original), changed
    return refusals


def test_J13_damaged_files(memory):
    content = saved(memory / "a")
    assert attack(memory / "a", content, read_state, state(), 1000) > 900


@pytest.mark.slow
def test_J13_ten_thousand_damaged_files(memory):
    content = saved(memory / "a")
    assert attack(memory / "a", content, read_state, state(), 10_000) > 9000


def test_J13_damaged_weights_are_not_taken_for_those_of_another_program(memory):
    write_state(memory / "a", weights())
    original = {**weights(), "settings": None}

    def read(path):
        return {**read_weights(path), "settings": None}

    content = (memory / "a").read_bytes()
    assert attack(memory / "a", content, read, original, 1000) > 900


def test_J13_damage_to_the_record_is_found_before_it_is_used(tmp_path):
    content = saved(tmp_path / "a")
    for old, new in ((b"0.999", b"0.998"), (b"float64", b"float32")):
        assert old in content
        (tmp_path / "a").write_bytes(content.replace(old, new))
        assert "its header does not match its SHA-256" in refused(tmp_path / "a")
    (tmp_path / "a").write_bytes(content.replace(b'"chalkgrad"', b'"chalkgrae"'))
    assert "its header is damaged" in refused(tmp_path / "a", read_weights)
