"""The engines that conformance is tested of, and a random collection for them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import opensearch_nodes
import pytest

from corpus.settings import Settings
from indexer.build import build_index
from searcher.execution.arrays import numpy_, plain
from searcher.execution.embedded_engine import EmbeddedSource
from searcher.execution.engine import EngineSource
from searcher.execution.open_index import engine_source

#: Implementations of the array operations by the names of the engines that use them.
_ARRAYS: Final[dict[str, Any]] = {"embedded-plain": plain, "embedded-numpy": numpy_}
CLUSTER: Final = "opensearch"
#: To be given to `parametrize`, or as the `params` of a fixture.
ENGINES: Final = (*_ARRAYS, pytest.param(CLUSTER, marks=pytest.mark.opensearch))
ACCOUNTS: Final = ("东岸科创", "江湾经信", "南山快讯")


@contextmanager
def new_index(engine: str, folder: Path) -> Iterator[Settings]:
    """The settings of an index that one of the engines is to hold; nothing is left of it in a cluster."""
    with ExitStack() as stack:
        options = stack.enter_context(opensearch_nodes.unique_index()) if engine == CLUSTER else {}
        yield Settings(index=str(folder / "index"), **options)


def source_of(engine: str, settings: Settings) -> EngineSource:
    """Opens the engine of an index."""
    if engine == CLUSTER:
        return engine_source(settings.index_dir, settings)
    return EmbeddedSource(settings.index_dir, arrays=_ARRAYS[engine])


def build_collection(seed: int, characters: str, folder: Path, settings: Settings) -> None:
    """Index thirty short articles of few characters, some without a date, some with a tail that is set aside."""
    generator = random.Random(seed)
    articles = [
        {
            "aid": str(number),
            "title": "".join(generator.choices(characters, k=generator.randint(1, 6))),
            "content": "".join(generator.choices(characters + "，。", k=generator.randint(5, 60)))
            + generator.choice(("", "", "\n关注我们科技园", "\n关注我们量子")),
            "account": generator.choice(ACCOUNTS),
            "date": generator.choice(["", f"2025-0{generator.randint(1, 3)}-{generator.randint(1, 28):02d}"]),
        }
        for number in range(30)
    ]
    source = folder / "source.json"
    source.write_text(json.dumps(articles, ensure_ascii=False), "utf-8")
    build_index([source], settings)
