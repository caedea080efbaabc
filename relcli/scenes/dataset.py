"""Data sets on disk and in memory: the one place to import their names from."""

from relcli.scenes.generation import Batch, Sample, generate_folder, make_sample
from relcli.scenes.items import Dataset, DatasetItem, Picture
from relcli.scenes.reading import read_folder
from relcli.scenes.writing import FolderWriter, write_folder

__all__ = [
    "Batch",
    "Dataset",
    "DatasetItem",
    "FolderWriter",
    "Picture",
    "Sample",
    "generate_folder",
    "make_sample",
    "read_folder",
    "write_folder",
]
