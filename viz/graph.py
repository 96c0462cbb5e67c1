"""`graph`: a recorded computation as a drawing, with its values and gradients."""

import base64
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from autograd import Tensor
from viz.arrangement import arrange
from viz.dot import Style, write
from viz.model import read
from viz.names import Names
from viz.painting import paint
from viz.picture import Picture
from viz.render import largest_dpi, render, size_in_pixels
from viz.theme import THEMES
from viz.words import alt_text, table_text

__all__ = ["Graph", "check_root", "graph", "patterns"]

_STEP = 50  # pixels, the least distance between two nodes of a path
_WIDEST = 1800  # pixels, above which "auto" turns a drawing from LR to TB

_CHOICES = {
    "detail": ("auto", "scalar", "tensor", "module"),
    "direction": ("auto", "LR", "TB"),
    "values": ("auto", "full", "stats", "none"),
    "edges": ("backward", "local", "shape", "none"),
    "theme": tuple(THEMES),
}


def graph(
    root: Tensor,
    *,
    detail: str = "auto",
    collapse: str | Sequence[str] = (),
    expand: str | Sequence[str] = (),
    direction: str = "auto",
    values: str = "auto",
    grads: bool = True,
    edges: str = "backward",
    names: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    legend: bool = True,
    theme: str = "light",
    max_nodes: int = 400,
) -> "Graph":
    """Draw the computation graph behind a tensor.

    The numbers are copied: later training does not change the drawing.

    Parameters
    ----------
    root : Tensor
        A recorded tensor, for example the cost.
    detail : {"auto", "scalar", "tensor", "module"}
        One node per number, per array, or per group.  "auto" takes "scalar" if every
        value has one element, "tensor" up to 60 nodes or if there are no groups, and
        "module" above.  A box of the module level tells what comes out, how many
        parameters it has and how large their gradient is, or how the values that come
        out are distributed.
    collapse, expand : str or sequence of str
        Groups (`autograd.scope`) to draw as one box, and to draw open: names, paths
        such as ``"net/layer 1"``, captions such as ``"Linear 2 → 16"``, or patterns
        such as ``"layer *"``.  At the tensor
        level groups whose name contains loss, cost, entropy, error or likelihood start
        collapsed.
    direction : {"auto", "LR", "TB"}
        Left to right or top to bottom; "auto" is "LR" up to a width of 1,800 pixels.
    values : {"auto", "full", "stats", "none"}
        "full" is a grid of up to 4x5 numbers, "stats" mean, deviation and range, "none"
        only the name and shape; "auto" takes the grid if the whole array fits.
    grads : bool, default True
        Whether gradients are shown; before `backward` they are a dash.
    edges : {"backward", "local", "shape", "none"}
        What an arrow says: what its input receives in the backward pass, the local
        derivative, or the shape.  Scalar graphs show derivatives as numbers.
    names : dict or sequence of dict, optional
        Name -> tensor or array, for example ``locals()``; the entries of dicts in it
        count as well.  They go before the names that tensors have.
    title : str, optional
        A heading.
    legend : bool, default True
        Whether the signs are explained below.
    theme : {"light", "dark"}
        The colours.
    max_nodes : int, default 400
        The most nodes that are drawn.

    Returns
    -------
    Graph
        Shows itself in a notebook; ``.save("graph.svg")`` writes a file.

    Raises
    ------
    TypeError
        If ``root`` is no recorded tensor.
    ValueError
        If an option has an unknown value, a pattern fits no group, or the drawing would
        have more than ``max_nodes`` nodes; the message names the ways out.

    Examples
    --------
    >>> import viz
    >>> from autograd import Tensor
    >>> w, x = Tensor(0.5, name="w"), Tensor(2.0, name="x")
    >>> e = w * x - 3
    >>> L = e * e
    >>> L.backward()
    >>> drawing = viz.graph(L, names=locals())
    >>> print(drawing.alt)
    Computation graph of L = 4, with gradients: 3 operations and 2 parameters (w, x).
    """
    check_root(root, "graph")
    options = {
        "detail": detail, "direction": direction, "values": values,
        "edges": edges, "theme": theme,
    }  # fmt: skip
    for option, value in options.items():
        if value not in _CHOICES[option]:
            allowed = ", ".join(map(repr, _CHOICES[option]))
            raise ValueError(
                f"graph: {option} must be one of {allowed}, got {value!r}."
            )
    model = read(root, Names(names))
    arrangement = arrange(
        model, detail, patterns(collapse), patterns(expand), max_nodes
    )
    shown = values != "none"
    picture = paint(
        arrangement, edges=edges, values=shown, grads=grads and shown, title=title
    )
    return Graph(picture, Style(THEMES[theme], values, edges, legend), direction)


class Graph:
    """A drawing of a computation graph, as `graph` makes it.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    style : Style
        Colours and options.
    direction : {"auto", "LR", "TB"}
        Where the computation runs to.
    """

    def __init__(self, picture: Picture, style: Style, direction: str) -> None:
        self._picture = picture
        self._style = style
        self._direction = direction

    @functools.cached_property
    def source(self) -> str:
        """The graph in the DOT language."""
        return self._source_and_svg[0]

    @property
    def alt(self) -> str:
        """One sentence that says what the drawing shows, for screen readers."""
        return alt_text(self._picture)

    def table(self) -> str:
        """Return all numbers of the drawing as text."""
        return table_text(self._picture)

    def svg(self) -> str:
        """Return the drawing as SVG."""
        return self._source_and_svg[1].decode()

    def png(self, scale: float = 2) -> bytes:
        """Return the drawing as PNG, ``scale`` times 96 pixels an inch.

        A drawing that would exceed 32,000 pixels is made smaller.
        """
        dpi = min(96 * scale, largest_dpi(self._source_and_svg[1]))
        return render(self.source, "png", dpi)

    def pdf(self) -> bytes:
        """Return the drawing as PDF."""
        return render(self.source, "pdf")

    def save(self, path: str | Path) -> Path:
        """Write the drawing to a file; the suffix decides the format.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.svg``, ``.png``, ``.pdf``, ``.dot`` or ``.gv``.  Missing
            folders are made.

        Returns
        -------
        Path
            The path.

        Raises
        ------
        ValueError
            If the suffix is another one.
        """
        path = Path(path)
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg().encode(),
            ".png": self.png,
            ".pdf": self.pdf,
            ".dot": lambda: self.source.encode(),
            ".gv": lambda: self.source.encode(),
        }
        if path.suffix.lower() not in writers:
            raise ValueError(
                f"save: the suffix decides the format, and {path.suffix!r} of "
                f"{path.name!r} is none of {', '.join(writers)}."
            )
        content = writers[path.suffix.lower()]()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    @functools.cached_property
    def _source_and_svg(self) -> tuple[str, bytes]:
        """Lay the graph out; "auto" tries left to right first, and measures."""
        picture = self._picture
        directions = ["LR", "TB"]
        if self._direction != "auto":
            directions = [self._direction]
        elif max(picture.ranks.values()) * _STEP > _WIDEST and not picture.has_cycles:
            directions = ["TB"]  # LR would be wider than that, whatever the layout
        for direction in directions:
            source = write(self._picture, self._style, direction)
            svg = render(source, "svg")
            if size_in_pixels(svg)[0] <= _WIDEST:
                break
        return source, svg

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        # An image cannot run anything, and its ids do not collide with other pictures'.
        encoded = base64.b64encode(self.svg().encode()).decode()
        alt = quoteattr(self.alt)
        return f'<img alt={alt} src="data:image/svg+xml;base64,{encoded}">'

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.alt}

    def __repr__(self) -> str:
        return f"<{self.alt}>"


def patterns(given: str | Sequence[str]) -> list[str]:
    """Return a list of patterns, of which a single one may be given as it is."""
    return [given] if isinstance(given, str) else list(given)


def check_root(root: object, caller: str) -> None:
    """Raise a TypeError if this is no recorded tensor."""
    if isinstance(root, Tensor):
        if root.op is not None:
            return
        what = f"a tensor that no recorded operation made ({root!r:.80})"
    else:
        what = f"{type(root).__name__} {root!r:.80}"
    raise TypeError(
        f"{caller}: needs a recorded tensor, the result of operations on tensors that "
        f"require a gradient; got {what}."
    )
