"""An index that cannot be read while the server runs: a clear page with status 503, until it is mended."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from corpus.settings import Settings
from indexer.build import build_index
from searcher.service import Searcher
from web import create_app
from web.i18n import TEXTS

ADDRESSES = ("/", "/?q=本文", "/article/0000000000000001", "/api/search?q=本文", "/api/suggest?q=题", "/api/health")


def publish(folder: Path, generation: int) -> Path:
    """Publish a generation with as many documents as its number; gives its folder."""
    rows = [{"aid": str(number), "title": f"题{number}", "content": "本文"} for number in range(generation)]
    source = folder / "source.json"
    source.write_text(json.dumps(rows), "utf-8")
    assert build_index([source], Settings(index=str(folder / "index"))).generation == generation
    return folder / "index" / f"gen-{generation:06d}"


@contextmanager
def without_folder(newest: Path) -> Iterator[None]:
    """The index folder is not there, as on a disk that is not mounted."""
    away = newest.parent.with_name("away")
    newest.parent.rename(away)
    try:
        yield
    finally:
        away.rename(newest.parent)


@contextmanager
def without_permission(newest: Path) -> Iterator[None]:
    """This user may not enter the index folder."""
    if os.geteuid() == 0:  # the superuser may; another user may not
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        newest.parent.chmod(0)
        try:
            yield
        finally:
            newest.parent.chmod(0o700)


def changed(newest: Path, name: str, change: Callable[[bytes], bytes]) -> Any:
    """A context in which a file of the generation has another content."""

    @contextmanager
    def change_file() -> Iterator[None]:
        path = newest / name
        content = path.read_bytes()
        replace(path, change(content))
        yield
        replace(path, content)

    return change_file()


def replace(path: Path, content: bytes) -> None:
    """Put a new file in place of one, which may be read-only."""
    path.unlink()
    path.write_bytes(content)


def flipped(newest: Path) -> Any:
    """One bit of the columns is wrong."""
    return changed(newest, "columns.data", lambda content: content[:-1] + bytes([content[-1] ^ 1]))


def halved(newest: Path) -> Any:
    """The manifest ends in its middle."""
    return changed(newest, "generation.json", lambda content: content[: len(content) // 2])


def other_format(newest: Path) -> Any:
    """The generation was written by a later version of the program."""
    return changed(
        newest, "generation.json", lambda content: json.dumps({**json.loads(content), "format": 999}).encode()
    )


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(without_folder, "index_missing", id="no-folder"),
        pytest.param(without_permission, "index_unreadable", id="no-permission"),
        pytest.param(flipped, "index_damaged", id="flipped-bit"),
        pytest.param(halved, "index_damaged", id="half-a-manifest"),
        pytest.param(other_format, "reindex_needed", id="other-format"),
    ],
)
def test_server_survives_a_fault_of_the_index(fault: Callable[[Path], Any], kind: str, tmp_path: Path) -> None:
    """Every address answers 503 with the reason while the newest generation cannot be read, then from that one."""
    settings = Settings(index=str(tmp_path / "index"))
    publish(tmp_path, 1)
    with closing(Searcher(settings.index_dir, settings)) as searcher:
        client = create_app(settings, searcher).test_client()
        assert generation(client) == 1
        newest = publish(tmp_path, 2)
        with fault(newest):
            for address in ADDRESSES:
                answer = client.get(address)
                assert answer.status_code == 503, address
                assert answer.headers["Cache-Control"] == "no-cache"
                if address.startswith("/api/"):
                    assert answer.get_json()["error"]["kind"] == kind
                else:
                    assert TEXTS["zh"][kind] in answer.get_data(as_text=True)
            assert client.get("/help").status_code == 200
        assert generation(client) == 2
        assert client.get("/api/search?q=本文").get_json()["total"]["exact"] == 2


def generation(client: FlaskClient) -> int:
    """The generation that answers."""
    return int(client.get("/api/health").get_json()["index"]["generation"])
