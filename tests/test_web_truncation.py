"""A server whose files are truncated in place: it answers with an error, or ends with a message, never in silence."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from workspace import OLD, Workspace, empty

ROOT = Path(__file__).resolve().parents[1]


def status_of(address: str) -> int:
    """The HTTP status of an answer, 0 if the connection ends without one."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("wait", [pytest.param(0, id="at-once"), pytest.param(1.2, id="after-a-second")])
def test_truncated_in_place(tmp_path: Path, wait: float) -> None:
    """After a second at the latest the server answers 503 and lives; before, it may end, and says why."""
    workspace = Workspace(tmp_path)
    workspace.build(OLD)
    command = [sys.executable, "-m", "web", "--index", str(workspace.index), "--port", "0"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, encoding="utf-8", cwd=ROOT) as server:
        assert server.stdout
        assert server.stderr
        address = re.search(r"http://\S+", server.stdout.readline())
        assert address
        search = f"{address[0]}api/search?q={quote('量子')}"
        assert status_of(search) == 200
        for path in workspace.generation.rglob("*"):
            if path.is_file() and path.name != "generation.json":
                empty(path)
        time.sleep(wait)
        statuses = {status_of(search), status_of(search)}
        if 0 not in statuses or wait:
            assert statuses <= {200, 500, 503}
            assert not wait or statuses == {503}
            server.terminate()
        else:
            assert "Bus error" in server.stderr.read()
        server.wait(30)
