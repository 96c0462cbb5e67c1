"""DOT text to SVG, PNG and PDF, by the Graphviz inside the pygraphviz wheel.

Two things make the pictures equal on every machine and the process quiet:

- Fonts.  Graphviz finds fonts through fontconfig, which reads its configuration when
  the first text is measured.  For that moment it is given a configuration of our own,
  which lists the DejaVu fonts that matplotlib carries, and nothing of the system.
- Turns.  Graphviz keeps state in global variables, so drawings are made one at a time.

Where the wheel is missing, the program ``dot`` is used.
"""

import atexit
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import threading
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["RenderError", "largest_dpi", "render", "size_in_pixels"]

_LOCK = threading.Lock()
_fonts_read = threading.Event()
_LARGEST_SIDE = 32_000  # pixels: Cairo refuses more than 32,767


class RenderError(RuntimeError):
    """Graphviz is missing, or could not lay out a graph."""


def render(source: str, format: str, dpi: float = 96) -> bytes:
    """Return a drawing of a graph in the DOT language.

    Parameters
    ----------
    source : str
        The graph.
    format : {"svg", "png", "pdf"}
        The file format.
    dpi : float, default 96
        Pixels per inch of a PNG.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it reports an error.
    """
    if format == "svg":
        return _with_own_ids(_render(source, format), source)
    if format == "pdf":
        return _render(source, format)
    header = f"graph [dpi={dpi:g}];\n"
    return _render(source.replace("{\n", "{\n" + header, 1), format)


def _with_own_ids(svg: bytes, source: str) -> bytes:
    """Give the colour gradients ids that belong to the picture.

    Graphviz counts them through the life of the process, so that equal graphs would
    give different files; and two pictures on one page would share their first ids.
    """
    prefix = f"c{zlib.crc32(source.encode()):08x}"
    numbers: dict[bytes, int] = {}

    def renamed(found: re.Match[bytes]) -> bytes:
        number = numbers.setdefault(found[2], len(numbers))
        return found[1] + f"{prefix}-{number}".encode()

    gradient = rb'(<linearGradient id="|fill="url\(#)(\w+_l_\d+)'
    return re.sub(gradient, renamed, svg)


def size_in_pixels(svg: bytes) -> tuple[float, float]:
    """Return width and height of an SVG drawing by Graphviz, at 96 pixels per inch."""
    found = re.search(rb'<svg width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if found is None:
        raise RenderError("Graphviz returned an SVG file without a size.")
    return float(found[1]) * 96 / 72, float(found[2]) * 96 / 72


def largest_dpi(svg: bytes) -> float:
    """Return the resolution at which a PNG reaches the largest side Cairo can draw."""
    return 96 * _LARGEST_SIDE / max(size_in_pixels(svg))


def _render(source: str, format: str) -> bytes:
    with _LOCK:
        if importlib.util.find_spec("pygraphviz") is None:
            return _render_with_program(source, format)
        with _private_fonts():
            return _render_in_process(source, format)


def _render_in_process(source: str, format: str) -> bytes:
    import pygraphviz

    gv = pygraphviz.graphviz
    try:
        graph = pygraphviz.AGraph(string=source)
    except ValueError as error:
        raise RenderError(f"Graphviz could not read the graph: {error}") from error
    # AGraph.draw would do the same, but writes to stderr above 1,000 nodes.
    context = gv.gvContextWithBuiltins()
    try:
        if gv.gvLayout(context, graph.handle, b"dot"):
            raise RenderError("Graphviz could not lay out the graph.")
        failed, drawing = gv.gvRenderData(context, graph.handle, format.encode())
        gv.gvFreeLayout(context, graph.handle)
        if failed:
            raise RenderError(f"Graphviz could not write the graph as {format}.")
    finally:
        gv.gvFreeContext(context)
        graph.close()
    return bytes(drawing)


def _render_with_program(source: str, format: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise RenderError(
            "no Graphviz was found. Install it with `pip install pygraphviz`, or "
            "install the program `dot`; Graph.source is the text it would draw."
        )
    done = subprocess.run(
        [program, f"-T{format}"],
        input=source.encode(),
        capture_output=True,
        check=False,
        env={**os.environ, **_font_variables()},
    )
    if done.returncode:
        raise RenderError(f"dot failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


@contextmanager
def _private_fonts() -> Generator[None]:
    """Point fontconfig at our own fonts, and the environment back afterwards.

    Fontconfig reads these variables once, when it is first used.
    """
    if _fonts_read.is_set():
        yield
        return
    variables = _font_variables()
    before = {key: os.environ.get(key) for key in variables}
    os.environ.update(variables)
    try:
        yield
        _fonts_read.set()
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@functools.cache
def _font_variables() -> dict[str, str]:
    """Set up a folder of fonts for this process; return what fontconfig must be told.

    The configuration alone is not enough: whatever it says, fontconfig also reads the
    system's templates, and complains about those that are newer than itself.  A *system
    root* of our own has none.  It holds itself under its own absolute path, so that a
    path means the same with and without it.
    """
    folder = os.path.realpath(tempfile.mkdtemp(prefix="chalkgrad-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fonts = Path(folder, "fonts")
    fonts.mkdir()
    for file in sorted(_matplotlib_fonts().glob("DejaVuSans*.ttf")):
        shutil.copyfile(file, fonts / file.name)
    configuration = Path(folder, "fonts.conf")
    configuration.write_text(  # rescan 0: what was read once may go
        '<?xml version="1.0"?>\n'
        '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig><dir>{escape(str(fonts))}</dir>"
        f"<cachedir>{escape(folder)}/cache</cachedir>"
        "<config><rescan><int>0</int></rescan></config></fontconfig>\n",
        encoding="utf-8",
    )
    variables = {"FONTCONFIG_FILE": str(configuration)}
    if os.name == "posix":
        inside = folder + folder
        os.makedirs(os.path.dirname(inside))
        os.symlink(folder, inside)
        variables["FONTCONFIG_SYSROOT"] = folder
    return variables


def _matplotlib_fonts() -> Path:
    # Found, not imported: matplotlib takes half a second to import.
    specification = importlib.util.find_spec("matplotlib")
    if specification is None or specification.origin is None:
        raise RenderError("matplotlib, whose fonts the drawings use, is not installed.")
    return Path(specification.origin).parent / "mpl-data" / "fonts" / "ttf"
