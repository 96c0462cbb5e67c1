"""The folder of a training run, to make reports of."""

import shutil

import pytest

from tests.viz.report.pages import train


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """Return the folder of a run, to be read only."""
    folder = tmp_path_factory.mktemp("runs") / "clouds"
    train(folder)
    return folder


@pytest.fixture
def folder(original, tmp_path):
    """Return a copy of the folder of a run."""
    return shutil.copytree(original, tmp_path / "clouds")
