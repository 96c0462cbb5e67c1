"""Tables for the terminal and for notebooks."""

import html
from collections.abc import Sequence

__all__ = ["html_table", "text_table"]

_STYLES = {
    "right": "background:#e6f4e6",
    "inherited": "background:#fdf3d8",
    "wrong": "background:#fbe3e1",
}


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an aligned table; columns of numbers are aligned to the right.

    Examples
    --------
    >>> print(text_table(["name", "value"], [["W1", "0.5"], ["b1", "12.25"]]))
    name  value
    ----  -----
    W1      0.5
    b1    12.25
    """
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(_is_number, column[1:])) for column in columns]

    def line(cells: Sequence[str]) -> str:
        aligned = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(cells, widths, right, strict=True)
        ]
        return "  ".join(aligned).rstrip()

    return "\n".join([line(header), line(["-" * n for n in widths]), *map(line, rows)])


def html_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    colours: Sequence[str],
    caption: str,
) -> str:
    """Return a table as HTML; every text is escaped.

    Parameters
    ----------
    header : sequence of str
        The names of the columns.
    rows : sequence of sequence of str
        The cells.
    colours : sequence of {"right", "inherited", "wrong"}
        One for each row: green, amber or red.
    caption : str
        A sentence above the table.
    """
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    body = "".join(
        f'<tr style="{_STYLES[colour]}">'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>"
        for row, colour in zip(rows, colours, strict=True)
    )
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell or 0)
    except ValueError:
        return cell == "-"
    return True
