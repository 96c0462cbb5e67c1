"""Metrics: how good predictions are, as one number that people understand.

All are functions ``metric(predictions, targets)`` of arrays or tensors, and return a
plain ``float`` (`confusion_matrix` an array).  Settings are keyword only, and are fixed
with `functools.partial` where something else calls the metric::

    from functools import partial
    from nn import metrics

    partial(metrics.accuracy, threshold=0.0)  # outputs are logits of class 1

**What predictions may be**, for targets that are classes of shape (n, ...):

- floats of shape (n, C, ...): C scores for each target, logits or probabilities.  The
  class is the one with the highest score, of equal ones the first;
- floats of the shape of the targets, which are 0 or 1: one score for each target.  The
  class is 1 where the score is above ``threshold``, which must be given, because the
  numbers do not tell what they are: 0.5 for probabilities, 0.0 for logits;
- integers or booleans of the shape of the targets: the classes themselves.

Any other pair of shapes is an error; in particular (n, 1) beside (n,), which NumPy
would broadcast to all pairs.  So are NaN, and no rows at all.
"""

from nn.metrics.classification import accuracy, confusion_matrix
from nn.metrics.precision_recall import f1, precision, recall
from nn.metrics.ranking import auc, top_k
from nn.metrics.regression import mae, mse, r2, rmse

__all__ = [
    "accuracy",
    "auc",
    "confusion_matrix",
    "f1",
    "mae",
    "mse",
    "precision",
    "r2",
    "recall",
    "rmse",
    "top_k",
]
