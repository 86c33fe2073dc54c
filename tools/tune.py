"""What each ranking parameter is worth, and whether another value would be better: on development judgements only.

    python tools/tune.py INDEX=FOLDER… [--parameters a,b] [--rounds N] [--ids-map FILE]

FOLDER holds judged queries as `search --eval` reads them, INDEX is the index of their documents. For every parameter
the values around the present one are tried, the others unchanged; the table shows nDCG@10, success@1 and nil_ok of
each folder. With --rounds the best value of each is kept before the next is tried, as long as nil_ok does not fall.
"""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path

from corpus.settings import Settings
from searcher.execution.embedded_engine import EmbeddedSource
from searcher.execution.ranking import Parameters
from searcher.relevance.judgements import Judgements, read_judgements
from searcher.relevance.metrics import evaluate
from searcher.results import HELPERS
from searcher.service import Searcher

#: What the present value is multiplied by; a parameter of 0 tells what it is worth as a whole.
FACTORS = (0.0, 0.5, 0.75, 1.33, 2.0)

Judged = tuple[Path, Judgements]


def figures(judged: list[Judged], parameters: Parameters) -> list[tuple[float, float, float]]:
    """nDCG@10, success@1 and nil_ok (1 where nothing tests it) of each folder."""
    found = []
    for index, judgements in judged:
        searcher = Searcher(EmbeddedSource(index, parameters), Settings())
        result = evaluate(searcher, judgements)
        searcher.close()
        values = [result.figure(name) for name in ("ndcg@10", "success@1", "nil_ok")]
        found.append((values[0] or 0.0, values[1] or 0.0, 1.0 if values[2] is None else values[2]))
    return found


def goodness(found: list[tuple[float, float, float]]) -> float:
    """One number: the mean of nDCG and success over the folders; nothing is worth a false hit."""
    return sum(ndcg + success for ndcg, success, _ in found) / len(found) / 2 + sum(10 * nil for _, _, nil in found)


def without_helpers(judgements: Judgements) -> Judgements:
    """The same queries, found by ranking alone: long questions are what it is tuned on."""
    off = frozenset(HELPERS)
    queries = tuple(replace(query, request=replace(query.request, helpers_off=off)) for query in judgements.queries)
    return replace(judgements, queries=queries, strings=())


def main() -> None:
    """Print a line for every value tried."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="INDEX=FOLDER")
    parser.add_argument("--parameters", default=",".join(field.name for field in fields(Parameters)))
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--ids-map", type=Path)
    options = parser.parse_args()
    judged: list[Judged] = []
    for pair in options.folders:
        index, _, folder = pair.partition("=")
        judgements = read_judgements(Path(folder), options.ids_map if not judged else None)
        judged.append((Path(index), replace(judgements, strings=()) if not judged else without_helpers(judgements)))
    best = Parameters()
    line("as it is", base := figures(judged, best))
    for round_number in range(max(options.rounds, 1)):
        for name in options.parameters.split(","):
            present = getattr(best, name)
            tried = {}
            for factor in FACTORS:
                value = type(present)(present * factor)
                if name == "sentence" and value < 3:
                    continue
                tried[value] = figures(judged, replace(best, **{name: value}))
                line(f"{name} {value:g} for {present:g}", tried[value])
            value = max(tried, key=lambda value: goodness(tried[value]))
            if options.rounds and goodness(tried[value]) > goodness(base):
                best, base = replace(best, **{name: value}), tried[value]
                line(f"round {round_number + 1}: kept {name} {value:g}", base)
    print(best)


def line(what: str, found: list[tuple[float, float, float]]) -> None:
    """One line of the table."""
    cells = "  |  ".join(f"{ndcg:.4f} {success:.4f} {nil:.2f}" for ndcg, success, nil in found)
    print(f"{what:34s} {cells}", flush=True)


if __name__ == "__main__":
    main()
