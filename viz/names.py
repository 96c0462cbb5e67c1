"""Names: which tensor is called what, and text that is safe to draw.

Names come from users and files, so nothing in them is trusted: what a file format
forbids or a reader could be fooled by is replaced, and the rest is escaped where it is
written into a label.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from autograd import Tensor

__all__ = ["Names", "clean", "html"]

_LONGEST = 200
_SPACES = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# What XML 1.0 forbids, other control characters, and controls of the text direction.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean(text: object) -> str:
    r"""Return text that can stand in any file: one line, no control characters.

    Newlines become a space; characters that XML forbids, lone surrogates and controls
    of the text direction become U+FFFD; what is longer than 200 characters is cut.

    Examples
    --------
    >>> clean("two\nlines")
    'two lines'
    >>> len(clean("x" * 1000))
    200
    """
    one_line = _SPACES.sub(" ", str(text))
    safe = _FORBIDDEN.sub("\ufffd", one_line)
    return safe if len(safe) <= _LONGEST else safe[: _LONGEST - 1] + "…"


def html(text: object) -> str:
    """Return text escaped for an HTML-like label of Graphviz.

    Examples
    --------
    >>> html("a<b>&c")
    'a&lt;b&gt;&amp;c'
    """
    # Graphviz replaces \N, \G and the like by names of its own, also in these labels.
    return escape(str(text), {'"': "&quot;", "\\": "&#92;&#92;"})


class Names:
    """The names that a user gives to tensors, for example ``locals()``.

    Parameters
    ----------
    given : mapping, sequence of mapping, or None
        Name -> tensor or array.  Entries that are neither, and names that start with an
        underscore, are ignored; of a dict the entries count as well, one level deep.
        An object array of scalar tensors names its elements ``W[0,1]``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> cache = {"Z1": Tensor(1.0)}
    >>> Names({"cache": cache})[cache["Z1"]]
    'Z1'
    """

    def __init__(
        self, given: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
    ) -> None:
        self._names: dict[int, str] = {}
        # Kept so that no other object gets the id of one of them meanwhile.
        self._objects: list[Any] = []
        tables = [given] if isinstance(given, Mapping) else list(given or ())
        for table in tables:
            self._read(table.items())
        for table in tables:
            for key, value in table.items():
                if isinstance(value, Mapping) and not _is_private(key):
                    self._read(value.items())

    def __getitem__(self, tensor: Tensor) -> str | None:
        """Return the name of a tensor: the given one, or the tensor's own."""
        found = self._names.get(id(tensor)) or self._names.get(id(tensor.data))
        name = found or str(tensor.name or "")
        return name if name.strip() else None

    def _read(self, items: Iterable[tuple[Any, Any]]) -> None:
        for key, value in items:
            if _is_private(key):
                continue
            if isinstance(value, np.ndarray) and value.dtype == object:
                for index in np.ndindex(value.shape):
                    label = f"{key}[{','.join(map(str, index))}]" if index else key
                    self._add(label, value[index])
            else:
                self._add(key, value)

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor | np.ndarray) and id(value) not in self._names:
            self._names[id(value)] = name
            self._objects.append(value)


def _is_private(key: Any) -> bool:
    return not isinstance(key, str) or key.startswith("_")
