"""The command `search`: answers a query, or a batch of queries, in the terminal.

Exit status: 0 with hits, 1 without, 2 for a wrong option, a missing or damaged index; corpus/command_outcome.py has
those of all commands. It uses argparse and plain text because start-up time counts; modules that only some options need
are imported late.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import BinaryIO, Final, get_args

from corpus.errors import KesouError
from corpus.fields import FACETS
from corpus.settings import Settings, load_settings
from searcher.commands.terminal import print_page, terminal_columns
from searcher.errors import BadRequest
from searcher.results import HELPERS, Hit, Request, SearchPage, Sort
from searcher.service import Searcher

EXIT_HITS: Final = 0
EXIT_NONE: Final = 1
EXIT_ERROR: Final = 2

#: A limit above any number of documents.
_EVERYTHING: Final = 1 << 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_intermixed_args([_with_wide_minus(argument) for argument in arguments])
    try:
        settings = load_settings({"index": options.index})
        return _run_query(options, settings) if options.batch is None else _run_batch(options, settings)
    except KesouError as error:
        print(f"search: {error}", file=sys.stderr)
        return EXIT_ERROR


def _with_wide_minus(argument: str) -> str:
    """Replace the minus of an excluded word (-标准), which argparse would take for an option, by the full-width one."""
    is_option = argument[:2] in ("", "-", "-h", "--") or not argument.startswith("-") or argument[1:2].isdecimal()
    return argument if is_option else "－" + argument[1:]


def _run_query(options: argparse.Namespace, settings: Settings) -> int:
    takes_query = options.eval is None and options.like is None
    if takes_query and not options.query:
        _parser().error('QUERY is missing; for example: search "脑机接口"')
    if not takes_query and options.query:
        _parser().error("--eval and --like take no query")
    if not options.all and not 0 <= options.limit <= settings.max_hits:
        raise BadRequest(f"--limit must be between 0 and {settings.max_hits:,}; --all prints every hit")
    if options.offset < 0:
        raise BadRequest("--offset must not be negative")
    with closing(Searcher(settings.index_dir, settings)) as searcher:
        if options.explain or options.why_not is not None or not takes_query:
            return _run_tool(searcher, options)
        request = _request(options)
        if options.ids:
            totals, hits = searcher.hits(request)
            for hit in hits:
                print(hit.source_id)
            return EXIT_HITS if totals.both else EXIT_NONE
        facets = tuple(FACETS) if options.json or options.facets else ()
        if options.all:
            page, hits = searcher.all(request, facets)
        else:
            page = searcher.search(request, facets)
            hits = iter(page.hits)
        _print(page, hits, options)
    return EXIT_HITS if page.total else EXIT_NONE


def _run_tool(searcher: Searcher, options: argparse.Namespace) -> int:
    """Run one of the tools: everything but a plain search."""
    from searcher.commands import tools

    if options.eval is not None:
        return tools.run_eval(searcher, options)
    if options.like is not None:
        return tools.run_like(searcher, options.like, _limit(options), options.json, options.ids)
    if options.why_not is not None:
        return tools.run_why_not(searcher, options.why_not, _request(options), options.json)
    return tools.run_explain(searcher, _request(options), options.json)


def _request(options: argparse.Namespace) -> Request:
    return Request(
        query=" ".join(options.query),
        exact=options.exact,
        filters={name: getattr(options, name) for name in FACETS},
        date_from=options.date_from,
        date_to=options.date_to,
        sort=options.sort,
        limit=_limit(options),
        offset=options.offset,
        snippets=not options.ids,
        helpers_off=frozenset(HELPERS if options.no_helpers else options.no),
    )


def _limit(options: argparse.Namespace) -> int:
    limit: int = options.limit
    return _EVERYTHING if options.all else limit


def _print(page: SearchPage, hits: Iterator[Hit], options: argparse.Namespace) -> None:
    if options.json:
        from searcher.commands.json_form import json_pieces

        sys.stdout.writelines(json_pieces(page, hits))
        print()
    else:
        print_page(page, hits, options.offset, options.facets, _limit(options))


def _run_batch(options: argparse.Namespace, settings: Settings) -> int:
    from searcher.commands.batch import answer_lines, read_lines

    if options.query:
        _parser().error("--batch takes its queries from the file, not from the command line")
    searcher = Searcher(settings.index_dir, settings)
    try:
        searcher.info()
        with _batch_file(options.batch) as file:
            answer_lines(read_lines(file), sys.stdout, searcher, settings)
    finally:
        searcher.close()
    return EXIT_HITS


def _batch_file(name: str) -> AbstractContextManager[BinaryIO]:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:  # ValueError for a name that no file can have
        raise BadRequest(f"the batch file cannot be read: {getattr(error, 'strerror', error)}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="search",
        usage="%(prog)s [OPTION ...] QUERY ...",  # a list of all options would be made anew for each query
        # Argparse makes one for each option, and asks shutil for the width, whose import is slow.
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=terminal_columns() - 2),
        description="Search the index. Every term of QUERY must occur as an unbroken string; quoted ones exactly.",
        epilog="Exit status: 0 with hits, 1 without, 2 for a wrong option, a missing or damaged index.",
    )
    add = parser.add_argument
    add("query", metavar="QUERY", nargs="*", help='words to search for; "…" is an exact string, -word excludes')
    add("--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, then the user data folder)")
    limit_help = f"hits shown (default 10, at most {Settings().max_hits:,} unless the setting max_hits is changed)"
    add("--limit", metavar="N", type=int, default=10, help=limit_help)
    add("--offset", metavar="N", type=int, default=0, help="hits to skip at the start")
    add("--all", action="store_true", help="print every hit and ignore --limit")
    add("--exact", action="store_true", help="search QUERY as one exact string, without operators")
    for name, spec in FACETS.items():
        metavar = spec.example or "NAME"
        add(f"--{name}", metavar=metavar, action="append", default=[], help=f"only this {spec.english} (repeatable)")
    add("--from", metavar="D", dest="date_from", help="published on this day or later (YYYY-MM-DD)")
    add("--to", metavar="D", dest="date_to", help="published on this day or earlier")
    add("--sort", choices=get_args(Sort), default="relevance", help="order of the hits (default relevance)")
    add(
        "--no", metavar="KIND", action="append", choices=HELPERS, default=[], help="switch this helper off (repeatable)"
    )
    add("--no-helpers", action="store_true", help="switch all helpers off: no synonyms, corrections, pinyin")
    add("--facets", action="store_true", help=f"print counts by {', '.join(spec.english for spec in FACETS.values())}")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--ids", action="store_true", help="print source ids only, one a line")
    output.add_argument("--json", action="store_true", help="print the result as JSON")
    _add_tools(parser)
    add("--version", action=_Version, nargs=0, help="print the version")
    return parser


def _add_tools(parser: argparse.ArgumentParser) -> None:
    """Add the options of tools.py: explaining, comparing, measuring."""
    tools = parser.add_mutually_exclusive_group()
    tools.add_argument(
        "--batch", metavar="FILE", help="answer the JSON requests of a file, or of standard input (-), line by line"
    )
    tools.add_argument("--explain", action="store_true", help="print the parts of each hit's score")
    tools.add_argument("--why-not", metavar="ID", help="print why this document is or is not a hit of QUERY")
    tools.add_argument("--like", metavar="ID", help="print the documents most like this one; no QUERY")
    tools.add_argument("--eval", metavar="DIR", help="print measures for the judged queries of a folder; no QUERY")
    add = parser.add_argument
    add("--ids-map", metavar="FILE", help="with --eval: a source id and its id in the judgements on each line")
    add(
        "--worst",
        metavar="N",
        type=int,
        default=0,
        help="with --eval: print the N worst queries and what they miss",
    )
    add(
        "--fail-below",
        metavar="METRIC=VALUE",
        action="append",
        default=[],
        help="with --eval: exit status 1 if a measure is below this value (repeatable)",
    )


class _Version(argparse.Action):
    """Prints the version, looked up only now, because importing importlib.metadata takes 20 ms."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"search {version('kesou')}")
        except PackageNotFoundError:
            print("search (not installed)")
        parser.exit()
