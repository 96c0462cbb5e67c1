"""What `nn` may import: NumPy, Python, itself, and the public names of `autograd`."""

import ast
from pathlib import Path

import pytest

import autograd
import nn

FILES = sorted(Path(nn.__file__).parent.rglob("*.py"))


def imports(path):
    """Yield module and name of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_nn_uses_public_names_of_autograd_only(path):
    for module, name in imports(path):
        room = module.split(".")[0]
        assert room != "viz"
        if room == "autograd":
            assert module == "autograd", f"{path.name} imports {module}"
            assert name is None or (
                hasattr(autograd, name) and not name.startswith("_")
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_derivative_rule_lives_in_nn(path):
    text = path.read_text(encoding="utf-8")
    assert "primitive(" not in text
    assert "vjps" not in text
