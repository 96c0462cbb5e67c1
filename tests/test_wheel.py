"""The wheel holds exactly the three packages."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_holds_three_packages(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    packages = {top for top in tops if not top.endswith(".dist-info")}
    assert packages == {"autograd", "nn", "viz"}
    assert len(tops) == len(packages) + 1


def test_wheel_is_typed(wheel):
    for package in ("autograd", "nn", "viz"):
        assert f"{package}/py.typed" in wheel.namelist()


def test_wheel_holds_no_caches(wheel):
    assert not [name for name in wheel.namelist() if "__pycache__" in name]
