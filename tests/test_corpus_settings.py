"""Settings: which source wins, and that a wrong value names its source."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import SettingsError
from corpus.settings import Settings, load_settings


@pytest.mark.parametrize(
    ("options", "environment", "toml", "port"),
    [
        pytest.param({"port": 1}, {"KESOU_PORT": "2"}, "port = 3", 1, id="option-wins"),
        pytest.param({"port": None}, {"KESOU_PORT": "2"}, "port = 3", 2, id="then-the-variable"),
        pytest.param({"port": 0}, {"KESOU_PORT": "2"}, "port = 3", 0, id="zero-is-a-value"),
        pytest.param({}, {"KESOU_PORT": ""}, "port = 3", 3, id="then-the-file"),
        pytest.param({}, {"PORT": "2"}, "max_hits = 3", 8000, id="then-the-default"),
        pytest.param(None, {}, None, 8000, id="nothing-set"),
    ],
)
def test_option_beats_variable_beats_file_beats_default(
    options: dict[str, Any] | None, environment: dict[str, str], toml: str | None, port: int, tmp_path: Path
) -> None:
    """The order in which sources are asked."""
    if toml is not None:
        (tmp_path / "kesou.toml").write_text(toml, "utf-8")
    assert load_settings(options, environment, tmp_path).port == port


def test_working_directory_and_environment_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments, this process's variables and the kesou.toml it was started beside count."""
    (tmp_path / "kesou.toml").write_text("\ufeffhost = '::1'\nlock_wait_seconds = 2", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KESOU_MAX_HITS", "7")
    settings = load_settings()
    assert (settings.host, settings.lock_wait_seconds, settings.max_hits) == ("::1", 2.0, 7)


@pytest.mark.parametrize(
    ("environment", "toml", "message"),
    [
        pytest.param({"KESOU_PORT": "web"}, "", "KESOU_PORT: 'web' is not a whole number", id="variable-word"),
        pytest.param({"KESOU_PORT": "-1"}, "", "KESOU_PORT: '-1' is below zero", id="variable-negative"),
        pytest.param({"KESOU_PORT": "8.5"}, "", "KESOU_PORT: '8.5' is not a whole number", id="variable-fraction"),
        pytest.param(
            {"KESOU_LOCK_WAIT_SECONDS": "nan"}, "", "KESOU_LOCK_WAIT_SECONDS: 'nan' is no finite number", id="nan"
        ),
        pytest.param(
            {"KESOU_LOCK_WAIT_SECONDS": "x"}, "", "KESOU_LOCK_WAIT_SECONDS: 'x' is not a number", id="no-number"
        ),
        pytest.param({}, "port = 'web'", "kesou.toml: port: 'web' is not a whole number", id="file-word"),
        pytest.param({}, "port = true", "kesou.toml: port: True is not a whole number", id="file-true"),
        pytest.param({}, "port = 8.5", "kesou.toml: port: 8.5 is not a whole number", id="file-fraction"),
        pytest.param({}, "port = []", "kesou.toml: port: [] is not a whole number", id="file-list"),
        pytest.param({}, "host = 1", "kesou.toml: host: 1 is not text", id="file-number-for-text"),
        pytest.param(
            {}, "lock_wait_seconds = -0.5", "kesou.toml: lock_wait_seconds: -0.5 is below zero", id="file-negative"
        ),
        pytest.param(
            {}, "prot = 1", "kesou.toml: unknown setting 'prot'; docs/settings.md lists the known ones", id="unknown"
        ),
        pytest.param(
            {},
            "[web]\nport = 1",
            "kesou.toml: unknown setting 'web'; docs/settings.md lists the known ones",
            id="table",
        ),
    ],
)
def test_wrong_value_names_its_source(environment: dict[str, str], toml: str, message: str, tmp_path: Path) -> None:
    """One sentence with the variable, or the file and the key, and the value."""
    (tmp_path / "kesou.toml").write_text(toml, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, environment, tmp_path)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"port = ", "is not valid TOML", id="no-toml"),
        pytest.param(b"host = '\xd6\xd0'", "cannot read", id="no-utf-8"),
        pytest.param(None, "cannot read", id="folder"),
    ],
)
def test_settings_file_that_cannot_be_read_is_named(raw: bytes | None, message: str, tmp_path: Path) -> None:
    """A broken settings file is an error with its path, not a run with defaults."""
    path = tmp_path / "kesou.toml"
    if raw is None:
        path.mkdir()
    else:
        path.write_bytes(raw)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings({}, {}, tmp_path)
    assert str(path) in str(caught.value)


def test_every_setting_says_what_it_is_for() -> None:
    """Each row of the table has a line of help and a default of its own type."""
    for row in fields(Settings):
        assert row.metadata["help"]
        assert isinstance(getattr(Settings(), row.name), str | int | float)


def test_index_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index lies where the setting says, ~ included, else in the user's data folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Settings(index="~/my").index_dir == tmp_path / "my"
    assert Settings().index_dir == tmp_path / "data" / "kesou" / "index"
