"""The command `search`: one question, or a batch of them, answered in the terminal.

Exit status: 0 with hits, 1 without, 2 for a wrong option, a missing or damaged index.
argparse and plain text, for start-up counts here; what only some runs need is imported by those runs.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final, get_args

from corpus.errors import KesouError
from corpus.settings import Settings, load_settings
from searcher.errors import BadRequest
from searcher.page import HELPERS, Page, Request, Sort
from searcher.service import Searcher

EXIT_HITS: Final = 0
EXIT_NONE: Final = 1
EXIT_ERROR: Final = 2

#: How many hits --all and --ids fetch at a time.
_STRIDE: Final = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_intermixed_args([_with_wide_minus(argument) for argument in arguments])
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a terminal cannot show must not end the command
    try:
        settings = load_settings({"index": options.index})
        status = _run_query(options, settings) if options.batch is None else _run_batch(options, settings)
        sys.stdout.flush()  # here, where a reader that has gone is no error
        return status
    except KesouError as error:
        print(f"search: {error}", file=sys.stderr)
        return EXIT_ERROR
    except BrokenPipeError:
        # The reader (head, less) has gone: not an error, and the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_HITS


def _with_wide_minus(argument: str) -> str:
    """An excluded word (-标准) as an argument of its own is no option: its minus becomes the full-width one."""
    is_option = argument[:2] in ("", "-", "-h", "--") or not argument.startswith("-") or argument[1:2].isdecimal()
    return argument if is_option else "－" + argument[1:]


def _run_query(options: argparse.Namespace, settings: Settings) -> int:
    if not options.query:
        _parser().error('what is to be searched? for example: search "脑机接口"')
    if not options.all and not 0 <= options.limit <= settings.max_hits:
        raise BadRequest(f"--limit must lie between 0 and {settings.max_hits:,}; --all gives every hit")
    if options.offset < 0:
        raise BadRequest("--offset must not be below zero")
    searcher = Searcher(settings.index_dir, settings)
    try:
        page = _fetch(searcher, _request(options), is_all=options.all)
    finally:
        searcher.close()
    _print(page, options)
    return EXIT_HITS if page.total else EXIT_NONE


def _request(options: argparse.Namespace) -> Request:
    return Request(
        query=" ".join(options.query),
        exact=options.exact,
        accounts=tuple(options.account),
        types=tuple(options.type),
        genres=tuple(options.genre),
        date_from=options.date_from,
        date_to=options.date_to,
        sort=options.sort,
        limit=options.limit,
        offset=options.offset,
        helpers_off=frozenset(HELPERS if options.no_helpers else options.no),
    )


def _fetch(searcher: Searcher, request: Request, is_all: bool) -> Page:
    if not is_all:
        return searcher.search(request)
    page = searcher.search(replace(request, limit=_STRIDE))
    hits = list(page.hits)
    while request.offset + len(hits) < page.total:
        more = searcher.search(replace(request, limit=_STRIDE, offset=request.offset + len(hits))).hits
        if not more:
            break
        hits += more
    return replace(page, hits=tuple(hits))


def _print(page: Page, options: argparse.Namespace) -> None:
    if options.ids:
        for hit in page.hits:
            print(hit.source_id)
    elif options.json:
        from searcher.json_form import json_line, page_json

        print(json_line(page_json(page)))
    else:
        from searcher.terminal import print_page

        print_page(page, offset=options.offset, has_facets=options.facets)


def _run_batch(options: argparse.Namespace, settings: Settings) -> int:
    from searcher.batch import answer_lines

    if options.query:
        _parser().error("--batch takes its queries from the file, not from the command line")
    searcher = Searcher(settings.index_dir, settings)
    try:
        searcher.info()
        with _batch_file(options.batch) as lines:
            answer_lines(lines, sys.stdout, searcher, settings)
    finally:
        searcher.close()
    return EXIT_HITS


def _batch_file(name: str) -> AbstractContextManager[BinaryIO]:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise BadRequest(f"the batch file cannot be read: {error.strerror}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="search",
        description="Search the index. Every term of QUERY must occur as an unbroken string; quoted ones exactly.",
        epilog="Exit status: 0 with hits, 1 without, 2 for a wrong option, a missing or damaged index.",
    )
    add = parser.add_argument
    add("query", metavar="QUERY", nargs="*", help='words to search for; "…" is an exact string, -word excludes')
    add("--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, then the user data folder)")
    add("--limit", metavar="N", type=int, default=10, help="hits shown (default 10, at most 1,000)")
    add("--offset", metavar="N", type=int, default=0, help="hits left out at the start")
    add("--all", action="store_true", help="every hit, whatever --limit says")
    add("--exact", action="store_true", help="QUERY as one string, exactly as it stands")
    add("--account", metavar="A", action="append", default=[], help="only this account (repeatable: any of them)")
    add("--type", metavar="T", action="append", default=[], help="only this program type (repeatable)")
    add("--genre", metavar="G", action="append", default=[], help="only this genre (repeatable)")
    add("--from", metavar="D", dest="date_from", help="published on this day or later (YYYY-MM-DD)")
    add("--to", metavar="D", dest="date_to", help="published on this day or earlier")
    add("--sort", choices=get_args(Sort), default="relevance", help="order of the hits (default relevance)")
    add("--no", metavar="KIND", action="append", choices=HELPERS, default=[], help="without this helper (repeatable)")
    add("--no-helpers", action="store_true", help="search what is written: no synonyms, corrections, pinyin")
    add("--facets", action="store_true", help="print counts by account, program type, genre and month")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--ids", action="store_true", help="print source ids only, one a line")
    output.add_argument("--json", action="store_true", help="print the result as JSON")
    add("--batch", metavar="FILE", help="answer the JSON requests of a file, or of standard input (-), line by line")
    add("--version", action=_Version, nargs=0, help="print the version")
    return parser


class _Version(argparse.Action):
    """Looks the version up only when asked: importlib.metadata costs 20 ms."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"search {version('kesou')}")
        except PackageNotFoundError:
            print("search (not installed)")
        parser.exit()
