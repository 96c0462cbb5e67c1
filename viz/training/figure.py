"""The figures that are returned; the only module that needs matplotlib to be loaded."""

import io
import os
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["TrainingFigure"]

_SCALE = 2  # pixels for each one on the screen, in a notebook


class TrainingFigure(Figure):
    """A figure that a notebook shows by itself, and that no global state knows of.

    Figures made by ``pyplot`` stay in memory until they are closed, and are shown twice
    where the last line of a cell returns them.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        FigureCanvasAgg(self)  # to measure text with

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the image and its size on the page, for a sharp one on any screen."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=_SCALE * self.dpi)
        width, height = (round(x * self.dpi) for x in self.get_size_inches())
        return buffer.getvalue(), {"width": width, "height": height}

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save as matplotlib does, but the same bytes each time: no date, fixed ids."""
        kind = options.get("format") or os.path.splitext(os.fspath(fname))[1][1:]
        dated = {"svg": "Date", "pdf": "CreationDate"}.get(str(kind).lower())
        if dated is not None:
            options["metadata"] = {dated: None, **(options.get("metadata") or {})}
        with mpl.rc_context({"svg.hashsalt": "training figure"}):
            super().savefig(fname, **options)
