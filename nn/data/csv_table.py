"""Reading tables of numbers from .csv files."""

import csv
import itertools
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nn.data.damage import damage_named

__all__ = ["Table", "read_csv"]

MISSING = {"", "?", "na", "n/a", "nan", "none", "null", "-"}
PROBLEMS_SHOWN = 3


class Table(NamedTuple):
    """The content of a .csv file.

    Attributes
    ----------
    X : ndarray of float64, shape (n, d)
        The columns that are not the target.
    y : ndarray, shape (n,), or None
        The target: float64, or int64 with ``classes``.
    names : tuple of str
        What the columns of X are called; empty without header.
    classes : tuple of str
        What the numbers in ``y`` stand for; empty if they are the values themselves.
    """

    X: npt.NDArray[np.float64]
    y: npt.NDArray[Any] | None
    names: tuple[str, ...]
    classes: tuple[str, ...]


class _Row(NamedTuple):
    line: int  # in the file, counted from 1
    cells: list[str]


def read_csv(
    path: str | os.PathLike[str],
    *,
    target: str | int | None = None,
    classes: bool | Sequence[str] = False,
    header: bool = True,
    delimiter: str = ",",
) -> Table:
    r"""Read a table of numbers, and maybe a column of classes.

    Parameters
    ----------
    path : str or path
        The file, in UTF-8.
    target : str or int, optional
        The column to predict, by its name or number from 0; -1 is the last.
    classes : bool or sequence of str, default False
        Whether the target names classes: they are sorted, as numbers if all are whole
        numbers, and ``y`` holds their places.  A sequence gives their order, so that a
        second file gets the numbers of the first: ``classes=table.classes``.
    header : bool, default True
        Whether the first line names the columns.
    delimiter : str, default ","
        What stands between cells.

    Returns
    -------
    Table
        ``X``, ``y``, ``names`` and ``classes``.

    Raises
    ------
    ValueError
        If a line has too few or too many cells, a value is missing, infinite or no
        number, a class is not in ``classes``, the header is no header or missing, the
        target does not exist, or the file is empty or no text.  The message names file,
        line and column.
    TypeError
        If there are ``classes`` without ``target``.
    OSError
        If the file cannot be opened or read.

    Notes
    -----
    Missing values are empty cells, ``?``, ``-``, ``NA``, ``N/A``, ``NaN``, ``None`` and
    ``null``.  What should stand in their place depends on the data, so none is chosen.

    Examples
    --------
    >>> import nn, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "iris.csv")
    ...     length = path.write_text("length,kind\n5.1,setosa\n6.3,virginica\n")
    ...     table = nn.read_csv(path, target="kind", classes=True)
    >>> table.X.tolist(), table.y.tolist(), table.classes
    ([[5.1], [6.3]], [0, 1], ('setosa', 'virginica'))
    """
    if target is None and classes is not False:
        raise TypeError("read_csv: classes are those of the target, and none is named.")
    with (
        open(path, encoding="utf-8-sig", newline="") as file,
        damage_named(path, csv.Error),
    ):
        rows = _rows(csv.reader(file, delimiter=delimiter, strict=True))
        names = _take_header(rows, header)
        columns = names or [f"column {i}" for i in range(len(rows[0].cells))]
        _require_even(rows, len(columns))
        place = None if target is None else _place(target, names, len(columns))
        kept = [i for i in range(len(columns)) if i != place]
        X = _numbers(rows, {i: columns[i] for i in kept})
        kept_names = tuple(names[i] for i in kept if names)
        if place is None:
            return Table(X, None, kept_names, ())
        y, labels = _target(rows, place, columns[place], classes)
        return Table(X, y, kept_names, labels)


def _rows(reader: Any) -> list[_Row]:
    rows = [_Row(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    while rows and not rows[-1].cells:
        rows.pop()
    if not rows:
        raise ValueError("the file is empty.")
    if not rows[0].cells:
        raise ValueError("line 1 is empty.")
    return rows


def _take_header(rows: list[_Row], header: bool) -> list[str]:
    first = rows[0].cells
    is_number = [_number(cell) is not None for cell in first]
    if not header:
        if not any(is_number):
            raise ValueError(
                f"line 1 holds no number: {first}. Pass header=True if it names the "
                f"columns."
            )
        return []
    if all(is_number):
        raise ValueError(
            f"line 1 should name the columns, but holds only numbers: {first}. Pass "
            f"header=False."
        )
    if len(set(first)) < len(first):
        raise ValueError(f"line 1 gives a name to two columns: {first}.")
    if len(rows) == 1:
        raise ValueError("the file has a header, but no data.")
    del rows[0]
    return first


def _require_even(rows: list[_Row], width: int) -> None:
    _report(
        f"line {row.line} has {len(row.cells)} cells instead of {width}"
        for row in rows
        if len(row.cells) != width
    )


def _place(target: str | int, names: list[str], width: int) -> int:
    if isinstance(target, str):
        if target not in names:
            known = f"the columns are {names}" if names else "there is no header"
            raise ValueError(f"no column {target!r}: {known}.")
        return names.index(target)
    if not -width <= target < width:
        raise ValueError(f"no column {target}: there are {width}.")
    return target % width


def _target(
    rows: list[_Row], place: int, name: str, classes: bool | Sequence[str]
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    if classes is False:
        return _numbers(rows, {place: name})[:, 0], ()
    cells = [row.cells[place] for row in rows]
    _report(
        f"line {row.line} has no value in {name!r}"
        for row, cell in zip(rows, cells, strict=True)
        if cell.lower() in MISSING
    )
    labels = _sorted(set(cells)) if classes is True else tuple(classes)
    numbers = {label: i for i, label in enumerate(labels)}
    _report(
        f"line {row.line} has the class {cell!r} in {name!r}, which is none of {labels}"
        for row, cell in zip(rows, cells, strict=True)
        if cell not in numbers
    )
    return np.array([numbers[cell] for cell in cells], np.int64), labels


def _sorted(labels: set[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(labels, key=lambda label: (int(label), label)))
    except ValueError:
        return tuple(sorted(labels))


def _numbers(rows: list[_Row], columns: dict[int, str]) -> npt.NDArray[np.float64]:
    """Return the columns as numbers, after checking every cell."""
    _report(
        f"line {row.line} has "
        + (
            "no value"
            if row.cells[i].lower() in MISSING
            else f"{row.cells[i]!r}, which is no finite number,"
        )
        + f" in {name!r}"
        for row in rows
        for i, name in columns.items()
        if _number(row.cells[i]) is None
    )
    values = [[float(row.cells[i]) for i in columns] for row in rows]
    return np.array(values, np.float64).reshape(len(rows), len(columns))


def _number(cell: str) -> float | None:
    """Return the finite number that a cell holds, or None."""
    try:
        # Python reads 1_000 as a number; in a table that is a name.
        value = math.nan if "_" in cell else float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _report(problems: Iterator[str]) -> None:
    """Raise with the first problems and their number, if there are any."""
    first = list(itertools.islice(problems, PROBLEMS_SHOWN))
    if first:
        rest = sum(1 for _ in problems)
        more = f"; and {rest} more of the kind" if rest else ""
        raise ValueError("; ".join(first) + more + ".")
