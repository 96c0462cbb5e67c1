"""What the model says about the validation data: confusions, and the worst samples."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viz.report.images import image_url, is_image
from viz.report.markup import joined, table, text, value
from viz.report.run import Predictions, Run

__all__ = ["confusion_of", "confusion_section", "worst_section"]

_MOST_CLASSES = 40  # in a table
_PAIRS = 5  # confusions that are told in words
_TINTS = 9
_FEW = 12  # numbers of a sample that are written out

Array = npt.NDArray[Any]


class Confusion(NamedTuple):
    """How often each class was taken for each.

    Attributes
    ----------
    labels : list of int
        The classes.
    counts : ndarray of int, shape (C, C)
        Row: the true class; column: the predicted one.
    others : int
        How many targets are none of the classes, as those that a loss ignores.
    """

    labels: list[int]
    counts: Array
    others: int


def confusion_of(found: Predictions) -> Confusion:
    """Return the confusion matrix of predictions of classes."""
    scores = found.scores
    assert scores is not None
    if scores.ndim == 2:
        labels = np.arange(scores.shape[1])
    else:
        labels = np.unique(np.concatenate([found.targets, found.predicted]))
    known = np.isin(found.targets, labels)
    true = np.searchsorted(labels, found.targets[known])
    predicted = np.searchsorted(labels, found.predicted[known])
    n = len(labels)
    counts = np.zeros((n, n), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    return Confusion(labels.tolist(), counts, int(np.count_nonzero(~known)))


def confusion_section(run: Run) -> str:
    """Return the confusion matrix, or why there is none."""
    found = run.predictions
    if found is None:
        return _no_predictions(run)
    if not found.are_classes:
        return _errors(found)
    confusion = confusion_of(found)
    n = len(confusion.labels)
    told = f"<p>{_sentence(confusion, run)}</p>\n"
    if n > _MOST_CLASSES:
        return f"{told}<p>A table of {n} classes would not be readable.</p>\n"
    return told + _matrix(confusion, run)


def _no_predictions(run: Run) -> str:
    results = run.results
    if results is not None and "left_out" in results.predictions:
        why = text(results.predictions["left_out"])
        return f"<p>The predictions were not written: {why}.</p>\n"
    if results is not None and not results.predictions:
        return "<p>There are none: the training had no validation data.</p>\n"
    if run.is_over:
        return "<p>The file with the predictions cannot be read.</p>\n"
    return "<p>Predictions are written when the training has come to its end.</p>\n"


def _errors(found: Predictions) -> str:
    """Return how far predicted values are from the targets."""
    error = found.predicted.astype(np.float64) - found.targets
    return (
        f"<p>The model predicts values, no classes. For {len(found.targets):,} samples "
        f"the mean absolute error is {value(float(np.mean(np.abs(error))))}, the root "
        f"of the mean squared error {value(float(np.sqrt(np.mean(error**2))))}.</p>\n"
    )


def _name(run: Run, label: int) -> str:
    """Return the name of a class, as markup."""
    names = [] if run.setup is None else run.setup.classes
    return text(names[label] if 0 <= label < len(names) else label)


def _sentence(confusion: Confusion, run: Run) -> str:
    counts = confusion.counts
    total = int(counts.sum())
    wrong = total - int(np.trace(counts))
    if not total:
        return "There are no samples."
    parts = [f"{wrong:,} of {total:,} samples are wrong: {_percent(wrong, total)}."]
    if wrong:
        off = counts - np.diag(np.diag(counts))
        order = np.argsort(-off, axis=None, kind="stable")[:_PAIRS]
        pairs = [np.unravel_index(k, off.shape) for k in order if off.flat[k]]
        told = [
            f"{_name(run, confusion.labels[i])} taken for "
            f"{_name(run, confusion.labels[j])} ({off[i, j]:,})"
            for i, j in pairs
        ]
        parts.append(f"Most often: {joined(told)}.")
    if confusion.others:
        parts.append(f"{confusion.others:,} targets are no class and left out.")
    return " ".join(parts)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _matrix(confusion: Confusion, run: Run) -> str:
    counts, labels = confusion.counts, confusion.labels
    names = [_name(run, label) for label in labels]
    rows = []
    for i, name in enumerate(names):
        total = int(counts[i].sum())
        cells = [_cell(int(counts[i, j]), total, i == j) for j in range(len(labels))]
        rows.append([name, *cells, _percent(int(counts[i, i]), total)])
    precision = [
        _percent(int(counts[j, j]), int(counts[:, j].sum())) for j in range(len(labels))
    ]
    rows.append(["precision", *precision, ""])
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    content = table(
        "Rows: the true class; columns: the predicted class",
        ["true"],
        rows,
        kind="confusion",
    )
    # Names of classes are markup already.
    column, recall = '<th scope="col">true</th>', '<th scope="col">recall</th>'
    return content.replace(column, f"{column}{head}{recall}", 1)


def _cell(count: int, total: int, is_right: bool) -> str:
    """Return a count, tinted by its share of the row."""
    tint = round(_TINTS * count / total) if total else 0
    kind = "right" if is_right else "off"
    if not count:
        return '<td class="zero">0</td>'
    return f'<td class="{kind} t{max(tint, 1)}">{count}</td>'


# ---- worst samples -------------------------------------------------------------


def worst_section(run: Run) -> str:
    """Return the samples that were predicted worst, with their inputs if there are."""
    found = run.predictions
    if found is None:
        return _no_predictions(run)
    if not len(found.worst):
        return "<p>There are none.</p>\n"
    describe = _class_words if found.are_classes else _value_words
    cards = [
        f"<figure>{_picture(found, place)}<figcaption>{describe(run, found, int(row))}"
        f"</figcaption></figure>\n"
        for place, row in enumerate(found.worst)
    ]
    return (
        f"<p>{_order(run, found)} {_hint(found)}</p>\n"
        f'<div class="samples">\n{"".join(cards)}</div>\n'
    )


def _order(run: Run, found: Predictions) -> str:
    count = len(found.worst)
    if not found.are_classes:
        return f"The {count} samples with the largest error, the largest first."
    rows = found.worst
    wrong = int(np.count_nonzero(found.predicted[rows] != found.targets[rows]))
    return (
        f"The {count} samples whose true class got the smallest {_score_word(run)}, "
        f"the smallest first; {wrong} of them are wrong. Rows are counted from 0, in "
        f"the order of the validation data."
    )


def _score_word(run: Run) -> str:
    kind = "" if run.results is None else run.results.predictions.get("scores", "")
    return "probability" if kind == "probabilities" else "score"


def _hint(found: Predictions) -> str:
    if found.inputs is None:
        return "Their inputs were not kept."
    if is_image(found.inputs[0]):
        return "Black is the smallest number in all of them, white the largest."
    if found.inputs[0].size > _FEW:
        return (
            "Flat rows of pixels are shown as images after nn.RunFolder(..., "
            "image_shape=(height, width))."
        )
    return ""


def _picture(found: Predictions, place: int) -> str:
    if found.inputs is None:
        return ""
    sample = found.inputs[place]
    if not is_image(sample):
        return f'<p class="input">{_numbers(sample)}</p>'
    finite = found.inputs[np.isfinite(found.inputs)]
    low, high = (
        (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    )
    height, width = sample.shape[-2:]
    return (
        f'<img src="{image_url(sample, low, high)}" width="{width}" height="{height}" '
        f'alt="Input of row {found.worst[place]}, {height} by {width} pixels">'
    )


def _numbers(sample: Array) -> str:
    flat = sample.reshape(-1)
    if flat.size > _FEW:
        return f"{flat.size:,} numbers"
    return ", ".join(value(float(x)) for x in flat)


def _class_words(run: Run, found: Predictions, row: int) -> str:
    true, predicted = int(found.targets[row]), int(found.predicted[row])
    verdict = "right" if true == predicted else f"predicted {_name(run, predicted)}"
    return (
        f"<b>row {row}: true {_name(run, true)}, {verdict}</b><br>"
        f"{_scores(run, found, row, true, predicted)}"
    )


def _scores(run: Run, found: Predictions, row: int, true: int, predicted: int) -> str:
    """Return the scores of the true and the predicted class."""
    assert found.scores is not None
    word, scores = _score_word(run), found.scores[row]
    if found.scores.ndim == 1:
        return f"{word} of {_name(run, 1)}: {value(scores)}"
    told = f"{word}: true {value(scores[true])}"
    return (
        told if true == predicted else f"{told}, predicted {value(scores[predicted])}"
    )


def _value_words(run: Run, found: Predictions, row: int) -> str:
    target = np.ravel(found.targets[row])
    predicted = np.ravel(found.predicted[row])
    return (
        f"<b>row {row}</b><br>target {_numbers(target)}<br>predicted "
        f"{_numbers(predicted)}"
    )
