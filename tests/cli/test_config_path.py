"""Where the settings file is looked for."""

from pathlib import Path

import platformdirs
import pytest

from relcli.paths import config_file


def test_the_settings_file_lies_where_the_system_keeps_them_unless_an_earlier_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "Library" / "relcli"
    monkeypatch.delenv("RELCLI_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert config_file().name == "config.toml"
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name, appauthor: system)  # another system's
    assert config_file() == system / "config.toml"
    (tmp_path / "config" / "relcli").mkdir(parents=True)
    assert config_file() == tmp_path / "config" / "relcli" / "config.toml"
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "mine.toml"))
    assert config_file() == tmp_path / "mine.toml"
