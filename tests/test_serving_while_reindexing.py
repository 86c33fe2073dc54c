"""Searching while generations are published: every answer is of one generation, and old generations are released.

A normal run publishes and asks less often; KESOU_ALL_FAULTS=1 makes it a hundred generations and ten thousand requests.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from corpus.settings import Settings
from indexer.build import build_index
from searcher.results import Request
from searcher.service import Searcher
from web import create_app
from web.server import Server, listening_socket

ROOT = Path(__file__).resolve().parents[1]
ALL = bool(os.environ.get("KESOU_ALL_FAULTS"))
SWAPS = 50 if ALL else 12
#: Requests between two publications, of which there are five.
REQUESTS = 2000 if ALL else 400
ADDRESS = "q=本文&size=100"


class Answer(NamedTuple):
    """What a reader was told: the generation, the number of hits, and the generations that their titles name."""

    generation: int
    total: int
    titles: frozenset[int]


def documents_of(generation: int) -> int:
    """How many documents each generation has: never as many as its neighbours."""
    return 3 + generation % 7


def publish(folder: Path, generation: int, keep: int = 2) -> Settings:
    """Publish a generation whose documents name it in their titles."""
    settings = Settings(index=str(folder / "index"), keep_generations=keep)
    rows = [
        {"aid": str(number), "title": f"第{generation}版之{number}", "content": "本文", "account": f"号{number}"}
        for number in range(documents_of(generation))
    ]
    (folder / "source.json").write_text(json.dumps(rows), "utf-8")
    assert build_index([folder / "source.json"], settings).generation == generation
    return settings


def answer(body: dict[str, Any]) -> Answer:
    """The JSON of a result page."""
    titles = "".join(hit["title"] for hit in body["hits"])
    return Answer(body["index"]["generation"], body["total"]["exact"], named(titles))


def named(text: str) -> frozenset[int]:
    """The generations that titles in a text name."""
    return frozenset(map(int, re.findall(r"第(\d+)版之", text)))


# Eight kinds of readers: each gives a function that asks once.


def library(searcher: Searcher) -> Answer:
    """A searcher that threads share."""
    page = searcher.search(Request(query="本文", limit=100))
    return Answer(page.index.generation, page.exact_total, named("".join(hit.title for hit in page.hits)))


def everything(searcher: Searcher) -> Answer:
    """All hits, read one by one while generations are published."""
    page, hits = searcher.all(Request(query="本文"))
    return Answer(page.index.generation, page.exact_total, named("".join(hit.title for hit in hits)))


def opened_anew(index: Path) -> Answer:
    """A searcher that opens the index for one request."""
    with closing(Searcher(index, Settings())) as searcher:
        return library(searcher)


def api(client: FlaskClient) -> Answer:
    """The JSON API, within this process."""
    return answer(client.get(f"/api/search?{ADDRESS}").get_json())


def page(client: FlaskClient) -> Answer:
    """A result page: several searches, and the line at its end that names the generation."""
    text = client.get(f"/?{ADDRESS}&account=号0&account=号1").get_data(as_text=True)
    generation, documents = re.findall(r"索引第 (\d+) 版 · (\d+) 篇", text)[0]
    return Answer(int(generation), int(documents), named(text))


def environment() -> dict[str, str]:
    """The environment of a process of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def batch(index: Path, stack: ExitStack) -> Callable[[], Answer]:
    """A process that answers lines for as long as they come."""
    command = [sys.executable, "-m", "searcher", "--index", str(index), "--batch", "-"]
    process = subprocess.Popen(command, stdin=-1, stdout=-1, env=environment())
    stack.callback(process.communicate)

    def ask() -> Answer:
        assert process.stdin
        assert process.stdout
        process.stdin.write('{"query": "本文", "limit": 100}\n'.encode())
        process.stdin.flush()
        return answer(json.loads(process.stdout.readline()))

    return ask


def cold(index: Path) -> Answer:
    """A process for each search."""
    command = [sys.executable, "-m", "searcher", "--index", str(index), "本文", "--json", "--limit", "100"]
    return answer(json.loads(subprocess.run(command, stdout=-1, env=environment(), check=True).stdout))


def server(index: Path, stack: ExitStack) -> Callable[[], Answer]:
    """The server as a process, asked over its socket."""
    command = [sys.executable, "-m", "web", "--index", str(index), "--port", "0"]
    process = subprocess.Popen(command, stdout=-1, env={**environment(), "PYTHONUTF8": "1"}, encoding="utf-8")
    stack.callback(process.communicate)
    stack.callback(process.terminate)
    assert process.stdout
    address = process.stdout.readline().split()[1] + "api/search?q=%E6%9C%AC%E6%96%87&size=100"

    def ask() -> Answer:
        with urllib.request.urlopen(address, timeout=60) as response:  # noqa: S310 - our own server
            return answer(json.load(response))

    return ask


@pytest.mark.parametrize("keep", [1, 2])
def test_swaps(keep: int, tmp_path: Path) -> None:
    """Eight threads and four processes search while many generations are published: no error, no mixed answer.

    With keep_generations = 1 each generation is removed as soon as the next one is published.
    """
    last = SWAPS + 1
    settings = publish(tmp_path, 1, keep)
    index = settings.index_dir
    with ExitStack() as stack:
        searcher = stack.enter_context(closing(Searcher(index, settings)))
        client = create_app(settings, searcher).test_client
        readers = [
            *[lambda: library(searcher)] * 2,
            *[lambda: everything(searcher)] * 2,
            lambda: opened_anew(index),
            lambda: api(client()),
            *[lambda: page(client())] * 2,
            *(batch(index, stack), batch(index, stack)),
            lambda: cold(index),
            server(index, stack),
        ]
        answers = read_while(readers, lambda: [publish(tmp_path, number, keep) for number in range(2, last + 1)])
        final = [ask() for ask in readers]
    assert [found.generation for found in final] == [last] * len(readers)
    for found in answers:
        assert len({one.generation for one in found}) > SWAPS // 10
        for one in found:
            assert one == Answer(one.generation, documents_of(one.generation), frozenset({one.generation}))
        assert [one.generation for one in found] == sorted(one.generation for one in found)


def read_while(readers: list[Callable[[], Answer]], work: Callable[[], object]) -> list[list[Answer]]:
    """The answers of each reader, in a thread of its own, until the work is done; what a reader raises is raised."""
    answers: list[list[Answer]] = [[] for _ in readers]
    errors: list[BaseException] = []
    is_done = threading.Event()

    def read(ask: Callable[[], Answer], found: list[Answer]) -> None:
        while not is_done.is_set():
            try:
                found.append(ask())
            except BaseException as error:
                errors.append(error)
                return
            time.sleep(0.05)  # most of the time is the writer's

    threads = [threading.Thread(target=read, args=pair) for pair in zip(readers, answers, strict=True)]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        is_done.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return answers


# What is open


def files_of(generation: int) -> int:
    """How many files of a generation this process has open or mapped."""
    name = f"/gen-{generation:06d}/"
    maps = Path("/proc/self/maps").read_text("utf-8").count(name)
    links = [os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return maps + sum(name in link for link in links)


needs_proc = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")


@pytest.fixture
def without_collection() -> Iterator[None]:
    """Nothing is released that only a collection of reference cycles would find."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@needs_proc
@pytest.mark.usefixtures("without_collection")
def test_old_generation_is_released(tmp_path: Path) -> None:
    """The first request after a publication closes the old generation, or the last one that still reads it does."""
    settings = publish(tmp_path, 1)
    with closing(Searcher(settings.index_dir, settings)) as searcher:
        client = create_app(settings, searcher).test_client()
        for address in (f"/?{ADDRESS}", "/", "/api/suggest?q=第", f"/api/search?{ADDRESS}&explain=1", "/?q=没有"):
            assert client.get(address).status_code == 200
        _, hits = searcher.all(Request(query="本文"))
        assert named(next(hits).title) == {1}
        publish(tmp_path, 2)
        assert api(client).generation == 2
        assert files_of(1) > 0
        assert named("".join(hit.title for hit in hits)) == {1}
        del hits
        assert files_of(1) == 0
        assert files_of(2) > 0
    assert files_of(2) == 0


@needs_proc
def test_many_requests_leave_nothing(tmp_path: Path) -> None:
    """Descriptors, threads and memory are the same after many requests, over a socket too, with publications."""
    settings = publish(tmp_path, 1)
    addresses = ("/api/search?q=本文&size=1", "/api/suggest?q=第", "/api/health", "/?q=没有的&size=1", "/no-such-page")
    with closing(Searcher(settings.index_dir, settings)) as searcher, ExitStack() as stack:
        app = create_app(settings, searcher)
        client = app.test_client()
        http = Server(app, settings, listening_socket("127.0.0.1", 0))
        thread = threading.Thread(target=http.run)
        thread.start()
        stack.callback(http.task_dispatcher.shutdown)
        stack.callback(thread.join)
        stack.callback(http.close)

        def ask(count: int) -> None:
            for number in range(count):
                client.get(addresses[number % len(addresses)])
                if number % 50 == 0:
                    with urllib.request.urlopen(f"http://127.0.0.1:{http.port}/api/health", timeout=60) as response:
                        assert response.status == 200

        ask(1000)
        before = usage()
        for generation in range(2, 7):
            publish(tmp_path, generation)
            ask(REQUESTS)
        after = usage()
    assert after.descriptors <= before.descriptors + 2
    assert after.threads <= before.threads
    assert after.kilobytes <= before.kilobytes * 1.1


class Usage(NamedTuple):
    """What this process holds."""

    descriptors: int
    threads: int
    kilobytes: int


def usage() -> Usage:
    """What this process holds now."""
    gc.collect()
    status = Path("/proc/self/status").read_text("utf-8")
    resident = re.search(r"VmRSS:\s+(\d+)", status)
    assert resident
    return Usage(len(os.listdir("/proc/self/fd")), threading.active_count(), int(resident[1]))
