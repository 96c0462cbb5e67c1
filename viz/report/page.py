"""`Report`: one HTML page without any script, that needs nothing else."""

import base64
import hashlib
import os
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from viz.report.markup import text
from viz.theme import THEMES, mix
from viz.training.style import SERIES, contrast
from viz.whole_file import write_whole

__all__ = ["Report", "Section"]

_CONTRAST = 4.5  # WCAG 2, level AA, for text
_HEIGHT = 900  # of the frame in a notebook

# What the style sheet may use of a theme.
_VARIABLES = (
    "ground", "card", "text", "quiet", "cluster", "cluster_line", "positive",
    "negative", "wrong", "parameter", "gradient",
)  # fmt: skip


class Section:
    """A part of the page.

    Parameters
    ----------
    id, title : str
        Its name in addresses, and its heading.
    content : str
        Markup.
    """

    def __init__(self, id: str, title: str, content: str) -> None:
        self.id = id
        self.title = title
        self.content = content

    def html(self) -> str:
        """Return the section."""
        return (
            f'<section id="{self.id}" aria-labelledby="{self.id}-title">\n'
            f'<h2 id="{self.id}-title">{text(self.title)}</h2>\n'
            f"{self.content}</section>\n"
        )


class Report:
    """A page about one training run, or several.

    Parameters
    ----------
    title : str
        The heading.
    lead : str
        Markup below it.
    problems : sequence of str
        What was wrong with the files.
    sections : sequence of Section
        The parts.

    Attributes
    ----------
    title : str
        The heading.
    problems : tuple of str
        What is missing or damaged, in sentences; the page says it as well.
    """

    def __init__(
        self,
        title: str,
        lead: str,
        problems: Sequence[str],
        sections: Sequence[Section],
    ) -> None:
        self.title = title
        self.problems = tuple(problems)
        self._lead = lead
        self._sections = tuple(sections)

    def html(self) -> str:
        """Return the page: the same text whenever the files are the same.

        Its content security policy allows nothing but its own style sheet and the
        images inside it.
        """
        style = _style()
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            f"style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'none'\">\n"
            f"<title>{text(self.title)}</title>\n<style>{style}</style>\n</head>\n"
            f"<body>\n{self._body()}</body>\n</html>\n"
        )

    def _body(self) -> str:
        links = "".join(
            f'<li><a href="#{section.id}">{text(section.title)}</a></li>\n'
            for section in self._sections
        )
        problems = "".join(f"<li>{text(problem)}</li>\n" for problem in self.problems)
        told = (
            f'<section id="problems" aria-labelledby="problems-title">\n'
            f'<h2 id="problems-title">Files</h2>\n<ul>\n{problems}</ul></section>\n'
        )
        return (
            f"<header>\n<h1>{text(self.title)}</h1>\n{self._lead}</header>\n"
            f'<nav aria-label="Contents"><ul>\n{links}</ul></nav>\n'
            f"<main>\n{told if self.problems else ''}"
            f"{''.join(section.html() for section in self._sections)}</main>\n"
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            With the suffix ``.html``.  Missing folders are made.

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
        if path.suffix.lower() != ".html":
            raise ValueError(
                f"save: a report is one HTML file, and the suffix {path.suffix!r} of "
                f"{path.name!r} is not .html."
            )
        return write_whole(path, self.html())

    def _repr_html_(self) -> str:
        return (
            f'<iframe sandbox="" title="{text(self.title)}" width="100%" '
            f'height="{_HEIGHT}" srcdoc="{escape(self.html())}"></iframe>'
        )

    def __repr__(self) -> str:
        count = len(self.problems)
        problems = f", {count} problem{'s' * (count != 1)}" if count else ""
        return f"<Report: {self.title}{problems}>"


def _style() -> str:
    """Return the style sheet, with the colours of both themes."""
    sheet = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    dark = _variables("dark") + _series("dark")
    return (
        f"{_variables('light')}{_series('light')}"
        f"@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n{sheet}"
    )


def _variables(theme: str) -> str:
    colours = THEMES[theme]
    pairs = "".join(f" --{name}: {getattr(colours, name)};" for name in _VARIABLES)
    return f":root {{{pairs} }}\n"


def _series(theme: str) -> str:
    """Return the colours of lines and of their labels.

    Lines have those of the light theme as attributes, which a rule overrides.
    """
    ground = THEMES[theme].ground
    towards = "#ffffff" if theme == "dark" else "#000000"
    rules = []
    for k, series in enumerate(SERIES):
        ink = _readable(series.colour, ground, towards)
        rules.append(f"svg .s{k} {{ fill: {ink}; }}\n")
        if theme == "dark":
            rules.append(
                f'svg [stroke="{series.colour}"] {{ stroke: {ink}; }}\n'
                f'svg [fill="{series.colour}"] {{ fill: {ink}; }}\n'
            )
    return "".join(rules)


def _readable(colour: str, ground: str, towards: str) -> str:
    """Return a colour, mixed with another until text in it can be read."""
    shades = (mix(colour, towards, percent / 100) for percent in range(0, 101, 5))
    return next(shade for shade in shades if contrast(shade, ground) >= _CONTRAST)
