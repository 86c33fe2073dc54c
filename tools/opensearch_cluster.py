"""Start, kill, restart and stop the nodes of a real OpenSearch cluster on this machine's loopback, for the tests.

    python tools/opensearch_cluster.py start        start three nodes, wait until they are green, print their URLs
    python tools/opensearch_cluster.py kill 2 3     kill -9 the second node and the third
    python tools/opensearch_cluster.py restart 2 3  start them again, and wait until they have joined
    python tools/opensearch_cluster.py stop         end all nodes and delete their data
    python tools/opensearch_cluster.py run COMMAND  start three nodes, run a command, then stop them, whatever happens

`run` gives the command the URLs in KESOU_TEST_OPENSEARCH, separated by commas. Where no JDK of 21 or newer or no
OpenSearch can be had, it says so and does not run the command; that is an error if CI is set, and a success otherwise.

The first start fetches 162 MB with Maven, the distribution without plugins that OpenSearch publishes for tests: it has
no security and no analysis for Chinese. The server and the nodes' folders are kept below --home. OpenSearch refuses to
run as root; root's nodes run as "nobody", for whom all folders above must be open.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

VERSION: Final = "3.6.0"
ARTEFACT: Final = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
#: No index can be created without the word breaks of Thai, which a JDK that was cut down to English lacks.
LOCALES: Final = ("com.ibm.icu:icu4j:77.1", "com.ibm.icu:icu4j-localespi:77.1")
OLDEST_JAVA: Final = 21
#: Variables that name the folder of a JDK; Maven heeds the second one too.
JAVA_HOMES: Final = ("OPENSEARCH_JAVA_HOME", "JAVA_HOME")
HOST: Final = "127.0.0.1"
#: How far the port for the other nodes lies above the one for HTTP.
PEER_PORT: Final = 100
#: Seconds until nodes that were started are ready; a start takes 11–15 s on two idle cores.
PATIENCE: Final = 180
NOBODY: Final = 65534
IS_ROOT: Final = os.getuid() == 0
HOME: Final = Path("/var/tmp" if IS_ROOT else os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "kesou-opensearch"
#: The first compiler only: half the time of a start, a quarter less memory.
JAVA_OPTIONS: Final = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xss1m",
    "-Dfile.encoding=UTF-8",
    "-Djava.locale.providers=CLDR,SPI",
    "-Djava.awt.headless=true",
    "-Djna.nosys=true",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.allocator.numDirectArenas=0",
    "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
    "-Dopensearch.distribution.type=zip",
)
#: Without a proxy, which the environment may name: the loopback is here.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unavailable(Exception):
    """What the cluster needs is not to be had on this machine."""


class Node:
    """One node: a folder with its configuration, data, log (`log`) and the id of its process (`pid`), and a port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self._mark = f"-Dopensearch.path.conf={folder}/conf"

    @property
    def pid(self) -> int | None:
        """The id of the node's process, None while it is down."""
        with suppress(OSError, ValueError):
            pid = int((self.folder / "pid").read_text())
            # The process may have ended, and its id may be another's since.
            if self._mark in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return pid
        return None

    def health(self) -> dict[str, Any]:
        """The health of the cluster as this node sees it; empty if it does not answer."""
        with suppress(OSError, ValueError):
            address = f"{self.url}/_cluster/health?cluster_manager_timeout=2s"
            with _OPENER.open(address, timeout=5) as answer:
                return dict(json.load(answer))
        return {}

    def set_up(self, java: Path, server: Path, heap: str, peers: Sequence[Node]) -> None:
        """Write the node's configuration and the command that starts it."""
        options = {
            "cluster.name": "kesou-test",
            "node.name": self.folder.name,
            "network.host": HOST,
            "http.port": self.port,
            "transport.port": self.port + PEER_PORT,
            "discovery.seed_hosts": [f"{HOST}:{peer.port + PEER_PORT}" for peer in peers],
            "cluster.initial_cluster_manager_nodes": [peer.folder.name for peer in peers],
            # How full the disk of a developer is does not matter here.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            # Real memory counts garbage too; so small a heap would then refuse requests.
            "indices.breaker.total.use_real_memory": False,
            "path.data": f"{self.folder}/data",
            "path.logs": f"{self.folder}/logs",
            # For snapshots to a folder.
            "path.repo": f"{self.folder.parent}/snapshots",
        }
        for name in ("conf", "data", "logs", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = [f"{key}: {json.dumps(value)}\n" for key, value in options.items()]
        (self.folder / "conf/opensearch.yml").write_text("".join(lines))
        shutil.copy(server / "config/log4j2.properties", self.folder / "conf")
        command = [java, f"-Xms{heap}", f"-Xmx{heap}", *JAVA_OPTIONS, self._mark]
        command += [f"-Dopensearch.path.home={server}", f"-Djava.io.tmpdir={self.folder}/tmp"]
        command += [f"-javaagent:{server}/agent/opensearch-agent.jar", "-cp", f"{server}/lib/*"]
        command += ["org.opensearch.bootstrap.OpenSearch"]
        (self.folder / "command.json").write_text(json.dumps([*map(str, command)]))
        for path in (self.folder, *self.folder.iterdir()) if IS_ROOT else ():
            os.chown(path, NOBODY, NOBODY)

    def launch(self) -> None:
        """Start the process, in a session of its own: Ctrl-C in the terminal does not reach it."""
        user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                json.loads((self.folder / "command.json").read_text()),
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if "JAVA" not in name},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **user,
            )
        (self.folder / "pid").write_text(str(process.pid))

    def last_words(self) -> str:
        """The end of the node's log."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def nodes_of(folder: Path, port: int) -> list[Node]:
    """The nodes that a cluster's folder has, the first node first."""
    count = len(list(folder.glob("node-*")))
    return [Node(folder / f"node-{number + 1}", port + number) for number in range(count)]


def start(home: Path, port: int, count: int, heap: str) -> list[Node]:
    """Set up a cluster and start it; raises Unavailable if it cannot be had here, SystemExit if it does not start."""
    java = find_java()
    home.mkdir(parents=True, exist_ok=True)
    for folder in (home, *home.parents, *java.parents) if IS_ROOT else ():
        if not folder.stat().st_mode & 0o001:
            raise Unavailable(f'{folder} is closed to "nobody", who runs the nodes: chmod o+x it')
    server = fetch_server(home)
    folder = home / str(port)
    nodes = [Node(folder / f"node-{number + 1}", port + number) for number in range(count)]
    for taken in (one for node in nodes for one in (node.port, node.port + PEER_PORT)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, taken))
            except OSError as error:
                sys.exit(f"Port {taken}: {error.strerror}. Stop what uses it, or choose another --port.")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "snapshots").mkdir(parents=True)
    (folder / "snapshots").chmod(0o777)
    try:
        for node in nodes:
            node.set_up(java, server, heap, nodes)
            node.launch()
        wait_until_ready(nodes)
    except BaseException:
        end(nodes, signal.SIGKILL)
        raise
    return nodes


def find_java() -> Path:
    """The Java to run nodes with: of JAVA_HOMES, /usr/lib/jvm or PATH; raises Unavailable."""
    homes = [Path(home) for name in JAVA_HOMES if (home := os.environ.get(name))]
    folders = [home / "bin" for home in (*homes, *sorted(Path("/usr/lib/jvm").glob("*")))]
    found = [shutil.which("java", path=str(folder)) for folder in (*folders, *os.get_exec_path())]
    for java in (Path(name).resolve() for name in found if name):
        version = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'version "(\d+)', version)
        if match and int(match[1]) >= OLDEST_JAVA:
            return java
    raise Unavailable(
        f"OpenSearch needs a JDK of {OLDEST_JAVA} or newer: install one, and set OPENSEARCH_JAVA_HOME to its folder"
    )


def fetch_server(home: Path) -> Path:
    """The folder of the unpacked server, fetched if need be; raises Unavailable."""
    server, partial = home / f"opensearch-{VERSION}", home / "partial"
    if server.is_dir():
        return server
    if not shutil.which("mvn"):
        raise Unavailable(f"Maven is needed once, to fetch {ARTEFACT}: install it (on Debian: apt install maven)")
    print(f"Fetching {ARTEFACT}, 162 MB", flush=True)
    shutil.rmtree(partial, ignore_errors=True)
    for artefact in (ARTEFACT, *LOCALES):
        command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artefact}", f"-DoutputDirectory={partial}"]
        done = subprocess.run(
            command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise Unavailable(f"Maven could not fetch {artefact}:\n{done.stdout[-2000:]}")
    with zipfile.ZipFile(partial / f"{server.name}.zip") as archive:
        archive.extractall(partial)
    for jar in partial.glob("*.jar"):
        jar.rename(partial / server.name / "lib" / jar.name)
    (partial / server.name).rename(server)
    shutil.rmtree(partial)
    return server


def wait_until_ready(nodes: Sequence[Node]) -> None:
    """Wait until all nodes that run see each other and, if none is down, are green; SystemExit if that fails."""
    running = [node for node in nodes if node.pid]
    # One node has no place for replicas.
    sound = {"green", "yellow"} if len(nodes) == 1 else {"green"}

    def is_ready(health: Mapping[str, Any]) -> bool:
        joined = health.get("number_of_nodes") == len(running)
        return joined and (len(running) < len(nodes) or health["status"] in sound)

    end_of_patience = time.monotonic() + PATIENCE
    while not all(is_ready(seen := node.health()) for node in running):
        if dead := next((node for node in running if not node.pid), None):
            sys.exit(f"{dead.folder.name} ended:\n{dead.last_words()}")
        if time.monotonic() > end_of_patience:
            sys.exit(f"Not ready after {PATIENCE} s: {seen or running[0].last_words()}")
        time.sleep(0.2)


def end(nodes: Iterable[Node], number: signal.Signals = signal.SIGTERM) -> None:
    """End nodes, and kill those that have not ended after 30 seconds."""
    nodes, begun = list(nodes), time.monotonic()
    while pids := [pid for node in nodes if (pid := node.pid)]:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number if time.monotonic() < begun + 30 else signal.SIGKILL)
        time.sleep(0.1)


def stop(home: Path, port: int) -> None:
    """End all nodes of a cluster and delete their data."""
    end(nodes_of(home / str(port), port), signal.SIGKILL)
    shutil.rmtree(home / str(port), ignore_errors=True)


def run(command: Sequence[str], home: Path, begin: Callable[[], list[Node]]) -> int:
    """Run a command beside a cluster that is begun for it; the command's exit status."""
    try:
        nodes = begin()
    except Unavailable as reason:
        is_error = bool(os.environ.get("CI"))
        print(f"{'Error' if is_error else 'Skipped'}: no OpenSearch cluster: {reason}", file=sys.stderr)
        return int(is_error)
    urls = ",".join(node.url for node in nodes)
    variables = {"KESOU_TEST_OPENSEARCH": urls, "KESOU_TEST_OPENSEARCH_HOME": str(home)}
    try:
        process = subprocess.Popen(command, env=os.environ | variables)
        while process.poll() is None:
            # Ctrl-C in the terminal reaches the command too: it ends, and the nodes are stopped after it.
            with suppress(KeyboardInterrupt):
                process.wait()
        return process.returncode
    finally:
        stop(home, nodes[0].port)


def main() -> int:
    """Run what the command line asks for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=HOME, help="folder of the server and the nodes [%(default)s]")
    parser.add_argument("--port", type=int, default=9510, help="first port for HTTP [%(default)s]")
    parser.add_argument("--nodes", type=int, default=3, help="how many nodes [%(default)s]")
    parser.add_argument("--heap", default="256m", help="memory for the objects of one node [%(default)s]")
    parser.add_argument("action", choices=("start", "kill", "restart", "stop", "run"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="numbers of nodes, or the command to run")
    arguments = parser.parse_args()
    os.umask(0o022)
    home, port = arguments.home.expanduser().resolve(), arguments.port

    def begin() -> list[Node]:
        return start(home, port, arguments.nodes, arguments.heap)

    # A job that is ended must not leave its nodes behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))
    match arguments.action:
        case "start":
            try:
                print(*(node.url for node in begin()), sep="\n")
            except Unavailable as reason:
                sys.exit(f"No OpenSearch cluster: {reason}")
        case "run":
            return run(arguments.rest, home, begin)
        case "stop":
            stop(home, port)
        case action:
            nodes = nodes_of(home / str(port), port)
            chosen = [nodes[int(number) - 1] for number in arguments.rest]
            end(chosen, signal.SIGKILL)
            if action == "restart":
                for node in chosen:
                    node.launch()
                wait_until_ready(nodes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
