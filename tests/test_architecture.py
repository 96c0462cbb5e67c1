"""The arrows of the house point down, and what users import stays where it is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz", "demos", "benchmarks")

# Who may import whom; everything else is outside the project.
ALLOWED = {
    "autograd": {"autograd"},
    "nn": {"nn", "autograd"},
    "viz": {"viz", "autograd"},
    "demos": {"demos", "nn", "viz", "autograd"},
}

PUBLIC = {
    "Comparison",
    "PRIMITIVES",
    "Primitive",
    "Tensor",
    "compare",
    "enable_grad",
    "grad",
    "gradcheck",
    "is_recording",
    "no_grad",
    "primitive",
    "scalars",
    "scope",
    "value_and_grad",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(package: str) -> dict[str, Path]:
    return {module_name(path): path for path in sorted((ROOT / package).rglob("*.py"))}


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_type_checking(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def imported_names(path: Path, *, when_loaded: bool) -> set[str]:
    """Return the modules that a file imports; ``when_loaded``: not inside functions."""
    found: set[str] = set()
    stack: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if when_loaded and (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            or is_type_checking(node)
        ):
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relative to itself"
            assert node.module is not None
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                found.add(submodule if is_module(submodule) else node.module)
        stack.extend(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_arrows_point_down(package):
    files = modules(package)
    assert files, f"{package} has no modules: is this the right checkout?"
    for name, path in files.items():
        for target in imported_names(path, when_loaded=False):
            top = target.partition(".")[0]
            if top in PACKAGES:
                assert top in ALLOWED[package], f"{name} imports {target}"


def test_core_needs_only_numpy_when_loaded():
    for name, path in modules("autograd").items():
        for target in imported_names(path, when_loaded=True):
            top = target.partition(".")[0]
            known = top in sys.stdlib_module_names or top in ("autograd", "numpy")
            assert known, f"{name} imports {target} when it is loaded"


def import_graph(package: str) -> dict[str, list[str]]:
    files = modules(package)
    graph = {}
    for name, path in files.items():
        targets = imported_names(path, when_loaded=True)
        graph[name] = sorted(t for t in targets if t in files and t != name)
    return graph


def find_cycle(graph: dict[str, list[str]]) -> list[str]:
    """Return the modules of one import cycle, or an empty list."""
    finished: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in finished:
            return []
        for target in graph[name]:
            cycle = visit(target, [*trail, name])
            if cycle:
                return cycle
        finished.add(name)
        return []

    for name in graph:
        cycle = visit(name, [])
        if cycle:
            return cycle
    return []


@pytest.mark.parametrize("package", ["autograd", "nn", "viz"])
def test_no_import_cycles(package):
    graph = import_graph(package)
    assert not find_cycle(graph), " -> ".join(find_cycle(graph))


def test_the_search_for_cycles_finds_one():
    assert find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert find_cycle({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_errors_import_nothing_of_the_project():
    imported = imported_names(ROOT / "autograd/errors.py", when_loaded=False)
    assert imported <= {"numpy"}


def test_this_checkout_is_tested():
    assert Path(autograd.__file__).resolve() == ROOT / "autograd" / "__init__.py"


def test_public_names():
    missing = {name for name in PUBLIC if not hasattr(autograd, name)}
    assert not missing
    for name in autograd.errors.__all__:
        assert hasattr(autograd, name)


def test_linalg_is_the_public_module():
    """The star import of the operations must not put another module in its place."""
    assert autograd.linalg.__name__ == "autograd.linalg"


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_core_lives_without_its_neighbours(package):
    """Importing autograd loads neither nn nor viz, nor anything but NumPy."""
    code = (
        "import sys, autograd; "
        f"assert {package!r} not in sys.modules; "
        "assert not {'matplotlib', 'graphviz', 'pygraphviz'} & set(sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
