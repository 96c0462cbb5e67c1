"""Write ``docs/layers.md`` from the docstrings of the layers.

``python -m docs.build_layers`` writes the page; a test fails where it is stale.  The
diagrams are made by running each layer once.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import nn
from docs.layer_examples import EXAMPLES
from nn import (
    activation,
    attention,
    cells,
    containers,
    conv,
    dropout,
    embedding,
    flatten,
    linear,
    losses,
    normalization,
    padding,
    pooling,
    positional,
    recurrent,
    regularizers,
    transformer,
)

PAGE = Path(__file__).with_name("layers.md")

SECTIONS: dict[str, list[ModuleType]] = {
    "Containers": [containers],
    "Fully connected layers": [linear],
    "Shapes": [flatten],
    "Convolutions": [conv],
    "Pooling": [pooling],
    "Padding": [padding],
    "Embedding": [embedding],
    "Recurrent networks": [recurrent, cells],
    "Attention and transformers": [attention, transformer, positional],
    "Normalisation": [normalization],
    "Dropout": [dropout],
    "Activations": [activation],
    "Losses": [losses],
    "Regularisers": [regularizers],
}

_MOST = 8  # parameters that a diagram lists

HEAD = """\
# Layers

Made by `python -m docs.build_layers` from the docstrings; edit those, not this page.

Weights have shape (out, in), a batch comes first, and N is its size. Random numbers
come from an explicit generator, `rng = numpy.random.default_rng(0)`. Parameters are
float32 unless a layer is made with `dtype=np.float64`.
"""


def build() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    names = [(title, list(_public(modules))) for title, modules in SECTIONS.items()]
    parts += [
        f"- **{title}**: " + " ".join(f"[{name}](#{name.lower()})" for name in members)
        for title, members in names
    ]
    for title, members in names:
        parts.append(f"\n## {title}\n")
        parts += [_entry(name) for name in members]
    return "\n".join(parts).rstrip() + "\n"


def _public(modules: list[ModuleType]) -> Iterator[str]:
    for module in modules:
        for name in module.__all__:
            if not name.endswith("_"):  # PyTorch's spelling of another one
                yield name


def _entry(name: str) -> str:
    found = getattr(nn, name)
    lines = [f"### {name}\n", f"```text\nnn.{name}{_signature(found)}\n```\n"]
    if name in EXAMPLES:
        lines.append(f"```text\n{diagram(*EXAMPLES[name])}\n```\n")
    return "\n".join([*lines, _markdown(inspect.getdoc(found) or "")])


def _signature(found: Any) -> str:
    """Return the parameters with their defaults, without types."""
    shown = inspect.signature(found)
    parameters = [
        p.replace(annotation=p.empty, default=_plain(p.default))
        for p in shown.parameters.values()
    ]
    return str(shown.replace(parameters=parameters, return_annotation=shown.empty))


class _Shown:
    """A default whose text is chosen."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _plain(default: Any) -> Any:
    if isinstance(default, type) and issubclass(default, np.generic):
        return _Shown(f"np.{default.__name__}")
    return default


def diagram(code: str, shapes: tuple[Any, ...]) -> str:
    """Draw one call: the shapes that go in, the layer, the shape that comes out.

    Parameters
    ----------
    code : str
        Makes the layer, with ``nn`` and a generator ``rng``.
    shapes : tuple
        The inputs: shapes, or arrays where values matter.
    """
    layer = eval(code, {"nn": nn, "rng": np.random.default_rng(0)})
    inputs = [
        shape if isinstance(shape, np.ndarray) else np.full(shape, 0.5, np.float32)
        for shape in shapes
    ]
    out = _shape(layer(*inputs))
    left = ", ".join(str(x.shape) for x in inputs)
    lines = [f"{left} ──▶ {code} ──▶ {out if out else 'one number'}"]
    own = [f"{path} {p.shape}" for path, p in layer.named_parameters()]
    lines += [f"    {line}" for line in own[:_MOST]]
    if len(own) > _MOST:
        lines.append(f"    … and {len(own) - _MOST} more")
    return "\n".join(lines)


def _shape(out: Any) -> Any:
    if isinstance(out, tuple):
        return tuple(_shape(x) for x in out)
    return np.shape(out)


def _markdown(docstring: str) -> str:
    """Turn a NumPy docstring into Markdown."""
    blocks = re.split(r"\n\n?(\w[\w ]*)\n-{3,}\n", docstring)
    lines = [_prose(blocks[0]), ""]
    for title, body in zip(blocks[1::2], blocks[2::2], strict=True):
        lines.append(f"**{title}**\n")
        if title == "Examples":
            lines.append(f"```pycon\n{body.strip()}\n```\n")
        elif title in ("Notes", "References"):
            lines.append(_prose(body) + "\n")
        else:
            lines.append(_definitions(body) + "\n")
    return "\n".join(lines) + "\n"


def _prose(text: str) -> str:
    """Return text with NumPy's double backticks made single."""
    return text.strip().replace("``", "`")


def _definitions(body: str) -> str:
    """Turn ``name : type`` with an indented text below into a list."""
    items: list[str] = []
    for line in body.strip().split("\n"):
        if line.startswith(" ") or not items:
            if not items:
                items.append(_term(line))
            else:
                items[-1] += f" {line.strip()}"
        elif line and " : " not in line and not re.fullmatch(r"[\w*, ]+", line):
            items[-1] += f" {line.strip()}"
        elif line:
            items.append(_term(line))
    return "\n".join(items).replace("``", "`")


def _term(line: str) -> str:
    name, colon, kind = line.partition(" : ")
    if not colon and not re.fullmatch(r"[\w*, ]+", line):
        return line
    return f"- `{name}`: *{kind}*." if colon else f"- `{name}`:"


if __name__ == "__main__":
    PAGE.write_text(build(), encoding="utf-8")
