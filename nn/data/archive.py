"""Reading .npz archives of arrays."""

import math
import os
import zipfile
from typing import IO, Any

import numpy.typing as npt
from numpy.lib import format as npy

from nn.data.damage import damage_named, require_reasonable_size

__all__ = ["read_npz"]

PLAIN_KINDS = "biufcSUmM"
END_MAGIC = b"PK\5\6"
END_LENGTH = 22  # without a comment, which NumPy does not write


def read_npz(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays of an .npz file, as `numpy.savez` and its like write them.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    dict of str to ndarray
        The arrays by name, in the order of the file.

    Raises
    ------
    ValueError
        If the file is damaged in any way, holds anything but plain arrays (Python
        objects need pickle, which runs what it reads), or claims more data than is
        sensible; that is seen before memory is reserved.  The message names the file,
        the array, and what is wrong.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> import nn, numpy as np, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "data.npz")
    ...     np.savez_compressed(path, X=np.eye(2), y=np.arange(2))
    ...     arrays = nn.read_npz(path)
    >>> arrays["X"].tolist(), arrays["y"].tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    """
    # Damaged bytes make zipfile and NumPy raise a dozen types of errors.
    with (
        open(path, "rb") as file,
        damage_named(path, Exception),
        zipfile.ZipFile(file) as archive,
    ):
        members = archive.infolist()
        _check_number(file, len(members))
        _check_members(members, os.fstat(file.fileno()).st_size)
        return {
            member.filename.removesuffix(".npy"): _read_member(archive, member)
            for member in members
        }


def _check_number(file: IO[bytes], members: int) -> None:
    """Compare with the number at the end of the file, which zipfile does not.

    One wrong length in the directory of an archive can hide the rest of it.
    """
    file.seek(-END_LENGTH, os.SEEK_END)
    end = file.read(END_LENGTH)
    number = int.from_bytes(end[10:12], "little")
    if not end.startswith(END_MAGIC) or number != members:
        raise ValueError(f"the directory is damaged: it leads to {members} arrays.")


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or not all(name.endswith(".npy") for name in names):
        raise ValueError(f"no .npz archive of one array for each name: {names}.")
    require_reasonable_size(sum(member.file_size for member in members), size)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any]:
    with archive.open(member) as stream:
        _check_header(member, stream)
    with archive.open(member) as stream:
        # At the last byte, zipfile compares its checksum.
        return npy.read_array(stream, allow_pickle=False)


def _check_header(member: zipfile.ZipInfo, stream: IO[bytes]) -> None:
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(stream)
    else:
        raise ValueError(f"{member.filename}: a header of version {version}.")
    if dtype.kind not in PLAIN_KINDS or not dtype.itemsize:
        raise ValueError(
            f"{member.filename}: dtype {dtype} is not plain numbers or text; Python "
            f"objects would need pickle, which runs what it reads."
        )
    declared = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or declared != member.file_size - stream.tell():
        raise ValueError(
            f"{member.filename}: {dtype} {shape} needs {declared:,} bytes of data, it "
            f"has {member.file_size - stream.tell():,}."
        )
