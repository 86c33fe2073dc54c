"""Settings: which source wins, and that a wrong value names its source."""

from __future__ import annotations

import json
import os
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import SettingsError
from corpus.settings import Settings, load_settings
from corpus.value import Field, fields
from indexer.build import build_index
from searcher.commands.batch import answer_lines
from searcher.service import Searcher
from web import create_app


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


@pytest.mark.parametrize(
    ("environment", "toml", "is_followed"),
    [
        pytest.param({"KESOU_FOLLOW_LINKS": "1"}, "", True, id="variable-one"),
        pytest.param({"KESOU_FOLLOW_LINKS": "True"}, "", True, id="variable-true"),
        pytest.param({"KESOU_FOLLOW_LINKS": "no"}, "follow_links = true", False, id="variable-no"),
        pytest.param({}, "follow_links = true", True, id="file"),
        pytest.param({}, "", False, id="default"),
    ],
)
def test_switches(environment: dict[str, str], toml: str, is_followed: bool, tmp_path: Path) -> None:
    """A setting that is true or false is written as people write it."""
    (tmp_path / "kesou.toml").write_text(toml, "utf-8")
    assert load_settings({}, environment, tmp_path).follow_links is is_followed


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
        pytest.param({"KESOU_PORT": "99999"}, "", "port must be 0 to 65535 (KESOU_PORT)", id="variable-out-of-bounds"),
        pytest.param({"KESOU_PORT": "8.5"}, "", "KESOU_PORT: '8.5' is not a whole number", id="variable-fraction"),
        pytest.param(
            {"KESOU_LOCK_WAIT_SECONDS": "nan"},
            "",
            "lock_wait_seconds must be 0 to 86400 (KESOU_LOCK_WAIT_SECONDS)",
            id="nan",
        ),
        pytest.param(
            {"KESOU_LOCK_WAIT_SECONDS": "x"}, "", "KESOU_LOCK_WAIT_SECONDS: 'x' is not a number", id="no-number"
        ),
        pytest.param(
            {"KESOU_FOLLOW_LINKS": "2"}, "", "KESOU_FOLLOW_LINKS: '2' is neither true nor false", id="variable-switch"
        ),
        pytest.param({}, "port = 'web'", "kesou.toml: port: 'web' is not a whole number", id="file-word"),
        pytest.param({}, "port = true", "kesou.toml: port: True is not a whole number", id="file-true"),
        pytest.param({}, "port = 8.5", "kesou.toml: port: 8.5 is not a whole number", id="file-fraction"),
        pytest.param({}, "port = []", "kesou.toml: port: [] is not a whole number", id="file-list"),
        pytest.param({}, "host = 1", "kesou.toml: host: 1 is not text", id="file-number-for-text"),
        pytest.param(
            {}, "lock_wait_seconds = -0.5", "lock_wait_seconds must be 0 to 86400 (kesou.toml)", id="file-out-of-bounds"
        ),
        pytest.param({}, 'host = "a\\u0000"', "host must not contain a NUL character (kesou.toml)", id="file-nul"),
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
        pytest.param(b"port = " + b"[" * 100_000, "is not valid TOML", id="nested-without-end"),
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


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_settings_file_without_permission(tmp_path: Path) -> None:
    """A settings file that this user may not read is an error that gives the reason."""
    path = tmp_path / "kesou.toml"
    path.touch(mode=0)
    with pytest.raises(SettingsError, match=r"cannot read .*kesou\.toml: Permission denied"):
        load_settings({}, {}, tmp_path)


def test_every_setting_says_what_it_is_for() -> None:
    """Each row of the table has a line of help, a default of its own type, and bounds if it is a number."""
    for row in fields(Settings):
        assert row.metadata["help"]
        assert isinstance(row.default, str | int | float)
        assert (row.metadata["low"] is None) == (row.metadata["high"] is None) == isinstance(row.default, str | bool)


NUMBERS = [row for row in fields(Settings) if not isinstance(row.default, str | bool)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in NUMBERS])
def test_bounds_hold_exactly(row: Field, tmp_path: Path) -> None:
    """Each bound of a number and its default are allowed, what lies beyond is refused, whatever the source."""
    variable = f"KESOU_{row.name.upper()}"
    option = "--" + row.name.replace("_", "-")
    low, high = row.metadata["low"], row.metadata["high"]
    step = 1 if isinstance(row.default, int) else 0.001
    for value in (low, row.default, high):
        assert getattr(load_settings({row.name: value}, {}, tmp_path), row.name) == value
        assert getattr(load_settings({}, {variable: str(value)}, tmp_path), row.name) == value
    for value in (low - step, high + step):
        (tmp_path / "kesou.toml").write_text(f"{row.name} = {value}", "utf-8")
        for options, environment, source in (
            ({row.name: value}, {}, option),
            ({}, {variable: str(value)}, variable),
            ({}, {}, "kesou.toml"),
        ):
            with pytest.raises(SettingsError) as caught:
                load_settings(options, environment, tmp_path)
            assert str(caught.value) == f"{row.name} must be {low} to {high} ({source})"


BOUNDS = [
    pytest.param(row.name, row.metadata[bound], id=f"{row.name}-{bound}")
    for row in NUMBERS
    for bound in ("low", "high")
]


@pytest.mark.parametrize(("name", "value"), BOUNDS)
def test_searches_work_at_every_bound(sample_index: Path, name: str, value: float) -> None:
    """With any setting at its bound the pages, the API and batches answer without an error."""
    settings = load_settings({"index": str(sample_index), name: value})
    with closing(Searcher(settings.index_dir, settings)) as searcher:
        client = create_app(settings, searcher).test_client()
        for address in (
            "/",
            "/?q=脑机接口 (康复 OR 企业)",
            "/?q=脑机&exact=1",
            "/?q=没有这个",
            "/help",
            "/api/search?q=脑",
        ):
            assert client.get(address).status_code == 200, address
        output = StringIO()
        answer_lines(['{"query": "脑", "limit": 1}'.encode()], output, searcher, settings)
        assert json.loads(output.getvalue())["total"]["exact"] > 0


@pytest.mark.parametrize("bound", ["low", "high"])
def test_runs_work_at_every_bound(bound: str, tmp_path: Path) -> None:
    """With all settings at their bounds a run indexes a file, or rejects it with a reason if no file is that small."""
    source = tmp_path / "source.txt"
    source.write_text("脑机接口的标题\n\n" + "脑机接口与智能康复，科技企业。" * 50, "utf-8")
    values = {row.name: row.metadata[bound] for row in NUMBERS}
    report = build_index([source], load_settings({"index": str(tmp_path / "index"), **values}))
    assert (report.indexed, report.rejected) == ((0, 1) if bound == "low" else (1, 0))
    sizes = {name: getattr(Settings(), name) for name in ("max_file_bytes", "max_document_chars")}
    assert build_index([source], load_settings({"index": str(tmp_path / "index"), **values, **sizes})).indexed == 1


def test_index_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index lies where the setting says, ~ included, else in the user's data folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Settings(index="~/my").index_dir == tmp_path / "my"
    assert Settings().index_dir == tmp_path / "data" / "kesou" / "index"


SECRETS = [row.name for row in fields(Settings) if row.metadata.get("is_secret")]


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_never_printed(name: str, tmp_path: Path) -> None:
    """Neither the text of the settings nor an error shows a password or token, whatever is wrong with it."""
    settings = load_settings({}, {f"KESOU_{name.upper()}": "open sesame"}, tmp_path)
    assert getattr(settings, name) == "open sesame"
    assert "sesame" not in f"{settings!r} {settings}"
    for wrong in ("8372983", '["8372983"]', '"8372983\\u0000"'):
        (tmp_path / "kesou.toml").write_text(f"{name} = {wrong}", "utf-8")
        with pytest.raises(SettingsError, match=name) as caught:
            load_settings({}, {}, tmp_path)
        assert "8372983" not in str(caught.value)


def test_engines_are_those_that_there_are(tmp_path: Path) -> None:
    """Another engine is refused, and the message names those that there are."""
    with pytest.raises(SettingsError, match=r"engine must be embedded or opensearch \(KESOU_ENGINE\)"):
        load_settings({}, {"KESOU_ENGINE": "solr"}, tmp_path)
