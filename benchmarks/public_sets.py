"""`python -m benchmarks.public_sets FOLDER…`: recall, MRR and nDCG of Kesou on public sets of questions and passages.

A folder has corpus.jsonl (id, title, text), queries.jsonl (id, text), qrels.tsv (query, document, grade) and, where the
relevant documents have grades, qrels_graded.tsv. Recall and MRR count the documents of qrels.tsv, nDCG the grades. The
second row of a set counts the nearest documents as the hits of questions that have none.
Indexes are kept in a folder, and a second run makes anew only what changed.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from corpus.settings import Settings
from indexer.build import build_index
from searcher.results import HELPERS, Request
from searcher.service import Searcher

CUT: Final = 10
#: Files of texts that are mixed in are cut to parts of so many lines.
_LINES_PER_FILE: Final = 10_000
_HEADING: Final = """\
| set | questions | R@1 | R@10 | MRR@10 | nDCG@10 | no hit | CPU ms |
|---|---:|---:|---:|---:|---:|---:|---:|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSet:
    """The questions of a set by id; for each the ids of its relevant documents, and the grades of all judged ones."""

    name: str
    questions: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]
    grades: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The measures of one question, each from 0 to 1; of many: their means."""

    recall_at_1: float
    recall_at_10: float
    mrr: float
    ndcg: float
    no_hit: float

    def cells(self) -> list[str]:
        """The figures as cells of a table."""
        values = (self.recall_at_1, self.recall_at_10, self.mrr, self.ndcg, self.no_hit)
        return [f"{value:.4f}" for value in values]


def read_set(folder: Path, queries: str = "queries.jsonl") -> PublicSet:
    """Read a set; questions that no document answers are left out."""
    judged = _grades(folder / "qrels.tsv")
    graded = folder / "qrels_graded.tsv"
    records = map(json.loads, (folder / queries).read_text("utf-8").splitlines())
    relevant = {
        question: frozenset(document for document, grade in grades.items() if grade)
        for question, grades in judged.items()
    }
    return PublicSet(
        name=folder.name,
        questions={record["id"]: record["text"] for record in records if relevant.get(record["id"])},
        relevant=relevant,
        grades=_grades(graded) if graded.exists() else judged,
    )


def measure(hits: Sequence[str], relevant: frozenset[str], grades: Mapping[str, int]) -> Figures:
    """The figures of one question: `hits` are the ids of the documents found, the best first."""
    ranks = [rank for rank, id in enumerate(hits[:CUT], 1) if id in relevant]
    return Figures(
        recall_at_1=sum(rank == 1 for rank in ranks) / len(relevant),
        recall_at_10=len(ranks) / len(relevant),
        mrr=1 / ranks[0] if ranks else 0.0,
        ndcg=_gain(grades.get(id, 0) for id in hits) / _gain(sorted(grades.values(), reverse=True)),
        no_hit=float(not hits),
    )


def mean(figures: Sequence[Figures]) -> Figures:
    """The mean of each measure."""

    count = max(len(figures), 1)
    sums = {field.name: float(sum(getattr(one, field.name) for one in figures)) for field in fields(Figures)}
    return Figures(**{name: total / count for name, total in sums.items()})


def sample(asked: PublicSet, count: int, seed: int = 14) -> list[str]:
    """The ids of `count` questions drawn at random, the same ones each time; all of them where `count` is 0."""
    ids = sorted(asked.questions)
    return Random(seed).sample(ids, count) if 0 < count < len(ids) else ids  # noqa: S311  # a sample, nothing secret


def open_searcher(folders: Sequence[Path], mixed_in: Path | None, count: int, indexes: Path) -> Searcher:
    """A searcher over the texts of these folders in one index, with `count` texts of another file mixed in."""
    name = "+".join(folder.name for folder in folders) + (f"+{count}" if mixed_in else "")
    settings = Settings(index=str(indexes / name))
    sources = [folder / "corpus.jsonl" for folder in folders]
    if mixed_in:
        sources.append(_unpacked(mixed_in, count, indexes / f"texts-{count}"))
    report = build_index(sources, settings)
    if report.indexed < report.read:
        print(f"{name}: {report.indexed} of {report.read} documents were indexed", file=sys.stderr)
    return Searcher(settings.index_dir, settings)


def _unpacked(file: Path, count: int, folder: Path) -> Path:
    """The first `count` lines of a file, in a folder of smaller files."""
    if not folder.exists():
        folder.mkdir(parents=True)
        with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as lines:
            wanted = islice(lines, count)
            while part := list(islice(wanted, _LINES_PER_FILE)):
                (folder / f"{len(list(folder.iterdir())):03}.jsonl").write_text("".join(part), "utf-8")
    return folder


def _grades(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in path.read_text("utf-8").splitlines():
        question, document, grade = line.split("\t")
        found.setdefault(question, {})[document] = int(grade)
    return found


def _gain(grades: Iterable[int]) -> float:
    return sum(float(2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(islice(grades, CUT), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question, the ids of its hits, and its figures without and with the nearest documents of one without hits."""

    id: str
    hits: Sequence[str]
    figures: Figures
    with_nearest: Figures


def _ask(searcher: Searcher, asked: PublicSet, options: argparse.Namespace) -> Iterator[Row]:
    off = frozenset(HELPERS) if options.no_helpers else frozenset()
    for id in sample(asked, options.queries):
        request = Request(query=asked.questions[id], limit=CUT, snippets=False, helpers_off=off)
        hits = [hit.source_id for hit in searcher.hits(request)[1]]
        found = hits or [hit.source_id for hit in searcher.search(request, facets=()).nearest]
        figures, with_nearest = (measure(ids, asked.relevant[id], asked.grades[id]) for ids in (hits, found))
        yield Row(id=id, hits=hits, figures=figures, with_nearest=with_nearest)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = _parser().parse_args(arguments)
    print(_HEADING)
    groups = [options.folders] if options.together else [[folder] for folder in options.folders]
    for folders in groups:
        searcher = open_searcher(folders, options.mix, options.documents, options.indexes)
        for folder in folders:
            asked = read_set(folder, options.questions)
            started = time.process_time()
            rows = list(_ask(searcher, asked, options))
            spent = (time.process_time() - started) * 1000 / max(len(rows), 1)
            hits, with_nearest = (mean([getattr(row, name) for row in rows]) for name in ("figures", "with_nearest"))
            for name, figures in ((asked.name, hits), (f"{asked.name}, with nearest", with_nearest)):
                cells = (name, str(len(rows)), *figures.cells(), f"{spent:.1f}")
                print("| " + " | ".join(cells) + " |", flush=True)
            if options.worst:
                _print_worst(rows, asked, options.worst)
        searcher.close()
    return 0


def _print_worst(rows: Sequence[Row], asked: PublicSet, count: int) -> None:
    for row in sorted(rows, key=lambda row: row.figures.mrr)[:count]:
        right, first = " ".join(sorted(asked.relevant[row.id])), " ".join(row.hits[:3]) or "-"
        print(f"{row.figures.mrr:.2f}  {row.id}  {asked.questions[row.id]}  right: {right}  first: {first}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.public_sets", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("folders", nargs="+", type=Path, metavar="FOLDER", help="sets")
    add("--indexes", type=Path, default=Path(".public-sets"), metavar="DIR", help="where indexes are kept")
    add("--queries", type=int, default=0, metavar="N", help="ask a sample of N questions of each set (0: all)")
    add("--questions", default="queries.jsonl", metavar="NAME", help="another file of questions in the folders")
    add("--no-helpers", action="store_true", help="without corrections, synonyms and the other helpers")
    add("--together", action="store_true", help="index all sets in one index")
    add("--mix", type=Path, metavar="FILE", help="mix texts of a .jsonl or .jsonl.xz file into each index")
    add("--documents", type=int, default=100_000, metavar="N", help="how many texts are mixed in (default 100000)")
    add("--worst", type=int, default=0, metavar="N", help="list the N questions with the lowest MRR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
