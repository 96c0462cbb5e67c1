"""Data: datasets and batches, synthetic problems, preparation, and readers of files.

Nothing here downloads anything; readers take the path of a file, and treat it as
damaged until it has been checked.
"""

from nn.data.archive import read_npz
from nn.data.collation import collate
from nn.data.csv_table import Table, read_csv
from nn.data.dataset import Dataset, Subset, TensorDataset
from nn.data.encoding import one_hot
from nn.data.idx import read_idx
from nn.data.loader import DataLoader
from nn.data.split import random_split
from nn.data.standardizer import Standardizer
from nn.data.synthetic import blobs, circles, moons, spirals, xor

__all__ = [
    "DataLoader",
    "Dataset",
    "Standardizer",
    "Subset",
    "Table",
    "TensorDataset",
    "blobs",
    "circles",
    "collate",
    "moons",
    "one_hot",
    "random_split",
    "read_csv",
    "read_idx",
    "read_npz",
    "spirals",
    "xor",
]
