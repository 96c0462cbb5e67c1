"""`report`: a training run as a page."""

import os
from pathlib import Path

from viz.report.curves import curves_section
from viz.report.health import (
    activations_section,
    gradients_section,
    weights_section,
)
from viz.report.lead import lead_of
from viz.report.page import Report, Section
from viz.report.predictions import confusion_section, worst_section
from viz.report.run import read_run
from viz.report.setup import configuration_section, seeds_section, versions_section

__all__ = ["report"]


def report(folder: str | os.PathLike[str]) -> Report:
    r"""Make a page of a training run from the files that it left.

    Parameters
    ----------
    folder : str or path
        The folder of the callback ``nn.RunFolder(folder)``.

    Returns
    -------
    Report
        Shows itself in a notebook; ``.save("report.html")`` writes one file.  It has
        the learning curves, the gradients and their verdicts, histograms of weights and
        activations, the confusion matrix, the samples that were predicted worst, the
        configuration, seeds and versions.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it has none of the files of a run.

    Notes
    -----
    Only the files are read; they are checked first, and nothing in them is run.  A file
    that is missing or damaged is told in the page, whose other parts are there.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "history.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n")
    >>> page = report(folder)
    >>> '<data value="0.25">0.25</data>' in page.html()
    True
    >>> page.problems
    ('run.json is missing.', 'gradients.csv is missing.')
    """
    run = read_run(Path(folder))
    sections = [
        Section("curves", "Learning curves", curves_section(run)),
        Section("gradients", "Gradient health", gradients_section(run)),
        Section("activations", "Activations", activations_section(run)),
        Section("weights", "Weights", weights_section(run)),
        Section("confusion", "Predictions", confusion_section(run)),
        Section("worst", "Worst predicted samples", worst_section(run)),
        Section("configuration", "Configuration", configuration_section(run)),
        Section("seeds", "Seeds", seeds_section(run)),
        Section("versions", "Versions", versions_section(run)),
    ]
    return Report(f"Training run: {run.name}", lead_of(run), run.problems, sections)
