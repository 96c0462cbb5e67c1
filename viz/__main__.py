"""Open a picture of a script's cost, ``python -m viz step FILE.py``, or of a run.

``step`` and ``graph`` run the script as usual; what is drawn is its variable ``cost``,
or else ``loss``, and its other variables give the names.

``report FOLDER`` and ``compare FOLDER FOLDER ...`` make a page of training runs, from
the files that ``nn.RunFolder`` has left.
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
        picture = given.make(given)
        path = given.output or _temporary(given)
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
        command.set_defaults(make=_of_script, draw=draw, suffix=suffix)
    command = commands.add_parser("report", help="a page of a training run")
    command.add_argument("folder", type=Path, help="the folder of nn.RunFolder")
    command.set_defaults(make=_report, suffix=".html")
    command = commands.add_parser("compare", help="a page of several training runs")
    command.add_argument("folders", type=Path, nargs="+", help="their folders")
    command.set_defaults(make=_comparison, suffix=".html")
    for command in commands.choices.values():
        command.add_argument(
            "-o",
            "--output",
            type=Path,
            help="where to write; without it the picture is opened in the browser",
        )
    return parser


def _report(given: argparse.Namespace) -> viz.Report:
    return viz.report(given.folder)


def _comparison(given: argparse.Namespace) -> viz.Report:
    return viz.compare_runs(*given.folders)


def _of_script(given: argparse.Namespace) -> Any:
    """Run a script, and draw its cost."""
    variables = _run(given.file)
    return given.draw(_root(variables, given.file), variables)


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


def _temporary(given: argparse.Namespace) -> Path:
    stem = given.file.stem if "file" in given else given.command
    return Path(tempfile.mkdtemp(prefix="chalkgrad-"), stem + given.suffix)


if __name__ == "__main__":
    sys.exit(main())
