"""The HIPS package called ``autograd`` on PyPI has the same import name as this one."""

import os
import warnings
from collections.abc import Iterable

__all__ = ["warn_if_installed"]


def warn_if_installed(folders: Iterable[str]) -> None:
    """Warn if one of the folders of ``sys.path`` holds the other distribution.

    Parameters
    ----------
    folders : iterable of str
        The folders to look into; those that cannot be read are passed over.

    Notes
    -----
    The names of the folders are read, not the metadata: `importlib.metadata` takes
    longer to import than this package.
    """
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith("autograd-") and name.endswith(".dist-info"):
                warnings.warn(
                    f"the distribution {name.removesuffix('.dist-info')} in {folder} "
                    f"has the import name of chalkgrad, and one of the two hides the "
                    f"other. Keep one: pip uninstall autograd, or pip uninstall "
                    f"chalkgrad.",
                    UserWarning,
                    stacklevel=3,
                )
