"""Pieces of HTML: text that nobody vouches for, numbers, tables, figures."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from viz.names import clean
from viz.numbers import number
from viz.training.style import is_share

__all__ = ["figure", "fold", "lines_of", "setting", "shown", "table", "text", "value"]

_MOST_LINES = 400


def text(content: object) -> str:
    """Return text for a page: one line, no control characters, escaped.

    Examples
    --------
    >>> text("a<b>")
    'a&lt;b&gt;'
    """
    return escape(clean(content))


def lines_of(content: str) -> str:
    r"""Return text of several lines for a page.

    Examples
    --------
    >>> lines_of("Sequential(\n  (0): <b>)")
    'Sequential(\n  (0): &lt;b&gt;)'
    """
    lines = content.split("\n")
    more = [] if len(lines) <= _MOST_LINES else [f"... {len(lines)} lines"]
    return "\n".join(text(line) for line in [*lines[:_MOST_LINES], *more])


def shown(x: float, name: str = "") -> str:
    """Return a number as it is read; metrics that are shares in percent.

    Examples
    --------
    >>> shown(0.97654, "val_accuracy"), shown(0.97654, "val_loss")
    ('97.7%', '0.977')
    """
    if 0 <= x <= 1 and is_share(name):
        return f"{100 * x:.1f}%"
    return number(x)


def value(x: float, name: str = "") -> str:
    """Return a number with few digits; all digits are in the markup.

    Examples
    --------
    >>> value(0.123456)
    '<data value="0.123456">0.123</data>'
    """
    return f'<data value="{float(x)!r}">{shown(x, name)}</data>'


def setting(x: str | int | float | bool | None) -> str:
    """Return a setting: numbers with all digits, what is not set as a dash."""
    if x is None:
        return "—"
    if isinstance(x, bool):
        return "yes" if x else "no"
    return text(f"{x:,}" if isinstance(x, int) and abs(x) >= 10_000 else x)


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = ""
) -> str:
    """Return a table that scrolls by itself where it is too wide.

    Parameters
    ----------
    caption : str
        What it shows.
    head : sequence of str
        The names of the columns.
    rows : iterable of sequence of str
        Markup; the first cell of each is its heading.
    kind : str, optional
        A class for the style sheet.
    """
    columns = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(
            cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in rest
        )
        + "</tr>\n"
        for first, *rest in rows
    )
    told = text(caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{told}">\n'
        f'<table class="{kind}"><caption>{told}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def figure(drawing: str, told: str) -> str:
    """Return a drawing with a sentence below that tells what it shows."""
    return f"<figure>{drawing}<figcaption>{told}</figcaption></figure>\n"


def fold(summary: str, content: str) -> str:
    """Return content that is shown on a click, and when printing."""
    return f"<details><summary>{text(summary)}</summary>\n{content}</details>\n"


def joined(items: Sequence[Any]) -> str:
    """Join pieces of markup as in a sentence."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
