"""A derivation as HTML: a table of equations in MathML, without any script."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from autograd.derivation.document import headed
from autograd.derivation.terms import Row, Sign, Term
from autograd.derivation.working import Block, Line, Working
from viz.mathml import math
from viz.names import clean

__all__ = ["fragment", "page"]

_STYLE = """
.derivation { --text: #1a1a1a; --quiet: #555555; --line: #d5d6d0; color: var(--text);
  font-size: 1.05rem; overflow-x: auto; }
.derivation table { border-collapse: collapse; border: 0; background: none; }
.derivation td { padding: .45em .35em; vertical-align: baseline; border: 0;
  text-align: left; }
.derivation td.left { text-align: right; white-space: nowrap; }
.derivation td.note { color: var(--quiet); padding-left: 2em;
  font: .8rem "DejaVu Sans", Verdana, sans-serif; }
.derivation th { text-align: left; font: 600 .95rem "DejaVu Sans", Verdana, sans-serif;
  padding: 1em .35em .2em; border: 0; }
.derivation tr.pass th { font-size: 1.15rem; border-bottom: 1px solid var(--line); }
.derivation .shape { color: var(--quiet); font-size: .62em;
  font-family: "DejaVu Sans", Verdana, sans-serif; }
.derivation p { color: var(--quiet); max-width: 46em; line-height: 1.5;
  font: .85rem "DejaVu Sans", Verdana, sans-serif; }
@media (prefers-color-scheme: dark) { .derivation { --text: #eceef0;
  --quiet: #b4bac2; --line: #4a525c; } }
"""
_PAGE_STYLE = """
body { margin: 2em auto; padding: 0 1.2em; max-width: 70em; background: #ffffff; }
h1 { font: 600 1.4rem "DejaVu Sans", Verdana, sans-serif; color: #1a1a1a; }
@media (prefers-color-scheme: dark) { body { background: #16181c; }
  h1 { color: #eceef0; } }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LEGEND = (
    "Shapes stand below the factors. ⊙ multiplies element by element; powers, "
    "fractions and functions of arrays are elementwise too. 𝟏 is an array of ones; "
    "𝟏[condition] is 1 where the condition holds, and 0 elsewhere. (∂Y/∂X)⊤[G], the "
    "transposed Jacobian applied to G, stands for a rule that is too long for a line."
)


def page(working: Working, title: str) -> str:
    """Return a complete page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{_PAGE_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n<main>\n{fragment(working)}\n</main>\n"
        "</body>\n</html>\n"
    )


def fragment(working: Working) -> str:
    """Return the derivation to stand in another page, such as a notebook."""
    return (
        f'<div class="derivation"><style>{_STYLE}</style>\n<table>\n'
        f"{_section('Forward pass', working.forward)}\n"
        f"{_section('Backward pass', working.backward)}\n"
        f"</table>\n<p>{_LEGEND}</p></div>"
    )


def _section(title: str, blocks: Sequence[Block]) -> str:
    rows = [f'<tr class="pass"><th colspan="3" scope="rowgroup">{title}</th></tr>']
    for heading, block in headed(blocks):
        if heading:
            group = escape(clean(heading))
            rows.append(f'<tr><th colspan="3" scope="rowgroup">{group}</th></tr>')
        for line in block.lines:
            rows += _rows(line)
    return "<tbody>\n" + "\n".join(rows) + "\n</tbody>"


def _rows(line: Line) -> list[str]:
    """Return a line; each further path has a row of its own."""
    rows = []
    for k, (part, note) in enumerate(zip(line.parts, line.notes, strict=True)):
        if k:
            left, right = "", _after("−" if part.negative else "+", part.term)
        else:
            left = "" if line.is_simplified else math(line.left)
            right = _after("=", part.whole())
        rows.append(_cells(left, right, note))
    return rows


def _after(sign: str, term: Term) -> str:
    return math(Row((Sign(sign), term)))


def _cells(left: str, right: str, note: str) -> str:
    return (
        f'<tr><td class="left">{left}</td><td>{right}</td>'
        f'<td class="note">{escape(note)}</td></tr>'
    )
