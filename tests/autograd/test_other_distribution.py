"""A warning where the other distribution called autograd is installed."""

import warnings

import pytest

from autograd.other_distribution import warn_if_installed


def test_warns_and_says_what_to_do(tmp_path):
    (tmp_path / "autograd-1.9.0.dist-info").mkdir()
    with pytest.warns(UserWarning, match="pip uninstall autograd") as caught:
        warn_if_installed(["/nowhere", str(tmp_path)])
    assert "autograd-1.9.0" in str(caught[0].message)


def test_is_silent_without_it(tmp_path):
    (tmp_path / "autograd_gamma-0.5.dist-info").mkdir()
    (tmp_path / "numpy-2.0.dist-info").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_installed([str(tmp_path)])
