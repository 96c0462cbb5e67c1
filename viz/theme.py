"""Colours and fonts of the drawings."""

from dataclasses import dataclass

__all__ = ["MONO", "SANS", "THEMES", "Theme", "mix"]

# Where a browser lacks the first, the next has the same widths.
SANS = "DejaVu Sans,Verdana,sans-serif"
MONO = "DejaVu Sans Mono,Menlo,monospace"


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; every text colour reads at 4.5 : 1 on its ground."""

    ground: str
    card: str
    text: str
    quiet: str  # shapes, legends
    line: str
    cluster: str
    cluster_line: str
    data: str  # header of data
    parameter: str  # header of a parameter
    on_parameter: str
    operation: str  # badge of the operation in a scalar node
    on_operation: str
    gradient: str
    positive: str
    negative: str
    histogram: str  # columns; 3 : 1 on a card
    right: str  # ground of a value whose marked step is right
    right_line: str
    inherited: str
    inherited_line: str
    wrong: str
    wrong_line: str
    on_wrong: str


THEMES = {
    "light": Theme(
        ground="#ffffff",
        card="#ffffff",
        text="#1a1a1a",
        quiet="#555555",
        line="#4d4d4d",
        cluster="#f4f5f0",
        cluster_line="#c4c6bd",
        data="#e1e1e1",
        parameter="#005a8f",
        on_parameter="#ffffff",
        operation="#1a1a1a",
        on_operation="#ffffff",
        gradient="#a63c00",
        positive="#72aed6",
        negative="#f2c46b",
        histogram="#3787b8",
        right="#ddf1dd",
        right_line="#2e7d32",
        inherited="#f6c95f",
        inherited_line="#8a5a00",
        wrong="#b3261e",
        wrong_line="#7a120c",
        on_wrong="#ffffff",
    ),
    "dark": Theme(
        ground="#16181c",
        card="#20242a",
        text="#eceef0",
        quiet="#b4bac2",
        line="#a8aeb6",
        cluster="#1c2026",
        cluster_line="#4a525c",
        data="#3a414a",
        parameter="#7cc0ee",
        on_parameter="#0b1a26",
        operation="#eceef0",
        on_operation="#16181c",
        gradient="#ffab73",
        positive="#2f6f9f",
        negative="#8a5a00",
        histogram="#5fa8d8",
        right="#1d3f27",
        right_line="#7fd18c",
        inherited="#7a5600",
        inherited_line="#ffc95c",
        wrong="#ff9a90",
        wrong_line="#ffd9d5",
        on_wrong="#2a0806",
    ),
}


def mix(ground: str, colour: str, strength: float) -> str:
    """Return the colour between two, ``#rrggbb``, at a strength from 0 to 1.

    Examples
    --------
    >>> mix("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [
        (int(ground[k : k + 2], 16), int(colour[k : k + 2], 16)) for k in (1, 3, 5)
    ]
    return "#" + "".join(f"{round(a + (b - a) * strength):02x}" for a, b in pairs)
