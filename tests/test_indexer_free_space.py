"""The check for room on the disk before a run."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus.settings import Settings
from indexer.build import build_index
from indexer.errors import IndexNotWritable
from indexer.store.generations import current


@pytest.mark.parametrize(
    ("name", "content", "needed"),
    [
        pytest.param("a.txt", "文".encode() * 1_000_000, 21, id="text"),
        pytest.param("a.txt.gz", gzip.compress(b"x" * 1_000_000_000, 1), 119, id="compressed"),
        pytest.param("a.pdf", b"%PDF-1.4" + b"x" * 30_000_000, 11, id="document"),
    ],
)
def test_too_little_room_is_an_error_before_anything_is_read(
    name: str, content: bytes, needed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says how much is needed, where, and what to do; the published index stays."""
    settings = Settings(index=str(tmp_path / "index"))
    (tmp_path / "old.txt").write_text("旧文", "utf-8")
    build_index([tmp_path / "old.txt"], settings)
    (tmp_path / name).write_bytes(content)
    free = needed * 1_000_000 - 1_500_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    with pytest.raises(IndexNotWritable) as caught:
        build_index([tmp_path / "old.txt", tmp_path / name], settings)
    assert str(caught.value) == (
        f"the disk has too little room: about {needed} MB are needed in {tmp_path / 'index'}, {needed - 2} MB are free;"
        " make room, or choose another folder with --index"
    )
    assert current(settings.index_dir).manifest.documents == 1
    assert not list((tmp_path / "index").glob("building-*"))
