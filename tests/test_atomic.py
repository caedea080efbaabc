"""A file is there whole or not at all."""

import os

import pytest

from relcli.atomic import replaced


def test_a_file_takes_the_place_of_the_old_one_at_the_end(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with replaced(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old" and temporary.parent == tmp_path
    assert path.read_text() == "new" and os.listdir(tmp_path) == ["out.csv"]


def test_a_failure_keeps_the_old_one_and_leaves_nothing(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replaced(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["out.csv"]


def test_a_folder_too(tmp_path):
    path = tmp_path / "model"
    with replaced(path) as temporary:
        temporary.mkdir()
        (temporary / "config.json").write_text("{}")
    assert os.listdir(path) == ["config.json"]
    with pytest.raises(OSError), replaced(path) as temporary:
        temporary.write_text("a file in a folder's place")
    assert os.listdir(tmp_path) == ["model"]
