"""`docs/layers.md` is what the docstrings say, and complete."""

import importlib
import pkgutil

import nn
from docs.build_layers import PAGE, SECTIONS, build
from docs.layer_examples import EXAMPLES

# Not layers: the base, what belongs to other pages, and helpers of several layers.
NOT_LAYERS = {
    "checks",
    "early_stopping",
    "functional",
    "init",
    "loss_functions",
    "module",
    "parameter",
    "state",
    "summary",
}


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == build(), (
        "run: python -m docs.build_layers"
    )


def test_every_layer_has_an_example_with_a_diagram():
    layers = {
        name
        for modules in SECTIONS.values()
        for module in modules
        for name in module.__all__
        if isinstance(getattr(nn, name), type)
        and issubclass(getattr(nn, name), nn.Module)
    }
    without = {"ModuleList", "ModuleDict", "ParameterList"}  # they cannot be called
    assert layers - without == set(EXAMPLES)


def test_every_layer_says_shapes_formula_and_shows_an_example():
    for name in EXAMPLES:
        text = getattr(nn, name).__doc__
        for part in ("Notes\n", "Shapes: ", "Formula: ", "Examples\n", ">>> "):
            assert part in text, (name, part)


def test_every_module_of_layers_is_on_the_page():
    shown = {module.__name__ for modules in SECTIONS.values() for module in modules}
    found = {f"nn.{info.name}" for info in pkgutil.iter_modules(nn.__path__)}
    layers = {
        name
        for name in found - {f"nn.{name}" for name in NOT_LAYERS}
        if any(
            isinstance(x, type) and issubclass(x, nn.Module)
            for x in vars(importlib.import_module(name)).values()
            if getattr(x, "__module__", "") == name
        )
    }
    assert layers <= shown
