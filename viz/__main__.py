"""Open a picture of a script's cost: ``python -m viz step FILE.py``.

The script is run as usual; what is drawn is its variable ``cost``, or else ``loss``,
and its other variables give the names.
"""

import argparse
import runpy
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import viz
from autograd import Tensor
from autograd.engine import leaves_behind
from autograd.errors import ChalkgradError

__all__ = ["main"]

_VARIABLES = ("cost", "loss")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = _parser().parse_args(arguments)
    try:
        variables = _run(given.file)
        root = _root(variables, given.file)
        path = given.output or _temporary(given.file, given.suffix)
        picture = given.draw(root, variables)
        picture.save(path)
    except (ChalkgradError, OSError, TypeError, ValueError) as error:
        print(f"viz {given.command}: {error}", file=sys.stderr)
        return 1
    print(path)
    if given.output is None:
        webbrowser.open(Path(path).absolute().as_uri())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m viz", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, draw, suffix, text in (
        ("step", _step, ".html", "a page that steps through the computation"),
        ("graph", _graph, ".svg", "the computation graph"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("file", type=Path, help="the script")
        command.add_argument(
            "-o",
            "--output",
            type=Path,
            help="where to write; without it the picture is opened in the browser",
        )
        command.set_defaults(draw=draw, suffix=suffix)
    return parser


def _step(root: Tensor, variables: dict[str, Any]) -> viz.StepPage:
    return viz.step(root, names=variables)


def _graph(root: Tensor, variables: dict[str, Any]) -> viz.Graph:
    if root.grad is None and root.size == 1:
        # The script is over: nobody else looks at these gradients any more.
        for leaf in leaves_behind(root):
            leaf.grad = None
        root.backward()
    return viz.graph(root, names=variables)


def _run(file: Path) -> dict[str, Any]:
    """Run a script as Python does, and return its variables."""
    sys.argv = [str(file)]
    sys.path[0] = str(file.resolve().parent)
    try:
        return runpy.run_path(str(file), run_name="__main__")
    except SystemExit as stop:
        raise ValueError(
            f"{file} ended with sys.exit({stop.code!r}), which leaves no variables. "
            f"Take the call out, or draw inside the script."
        ) from None


def _root(variables: dict[str, Any], file: Path) -> Tensor:
    for name in _VARIABLES:
        value = variables.get(name)
        if isinstance(value, Tensor) and value.op is not None:
            return value
    found = [name for name in _VARIABLES if name in variables]
    what = " and ".join(f"{n} is a {type(variables[n]).__name__}" for n in found)
    raise ValueError(
        f"{file} leaves no recorded tensor called {' or '.join(_VARIABLES)} at its top "
        f"level{f': {what}' if what else ''}. Assign the result to draw to `cost`."
    )


def _temporary(file: Path, suffix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix="chalkgrad-"), file.stem + suffix)


if __name__ == "__main__":
    sys.exit(main())
