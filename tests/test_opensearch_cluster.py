"""The tool that starts real OpenSearch nodes for the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import opensearch_nodes
import pytest


@pytest.mark.parametrize(("variables", "status", "word"), [({}, 0, "Skipped"), ({"CI": "true"}, 1, "Error")])
def test_without_a_cluster(tmp_path: Path, variables: dict[str, str], status: int, word: str) -> None:
    """Where nothing can be fetched, the tests of the cluster are skipped with a reason; in CI that is an error."""
    command = [sys.executable, str(opensearch_nodes.TOOL), "--home", str(tmp_path / "home"), "run", "never-run"]
    environment = {"PATH": "", **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(f"{word}: no OpenSearch cluster: ")


@pytest.mark.opensearch
def test_a_killed_node_comes_back() -> None:
    """A node that is killed is missing, and is there again with a green cluster after its restart."""
    opensearch_nodes.kill(3)
    try:
        health = opensearch_nodes.ask("GET", "_cluster/health?wait_for_nodes=2&timeout=30s")
        assert health["number_of_nodes"] == 2
    finally:
        opensearch_nodes.restart(3)
    health = opensearch_nodes.ask("GET", "_cluster/health", node=3)
    assert (health["status"], health["number_of_nodes"]) == ("green", 3)
