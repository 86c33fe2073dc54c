"""The table of settings: every field of `Settings` is a row (name, default, one line of help, bounds of a number).

Values come from the command line, then from ``KESOU_<NAME>`` variables, then from ``kesou.toml`` in the
working directory, then from the defaults below. The table of docs/settings.md and every ``--help`` are written from
here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from corpus.errors import SettingsError
from corpus.value import Field, Value, field, fields

ENVIRONMENT_PREFIX: Final = "KESOU_"
SETTINGS_FILE: Final = "kesou.toml"
APPLICATION: Final = "kesou"
#: Where an index is kept.
EMBEDDED: Final = "embedded"
OPENSEARCH: Final = "opensearch"
ENGINES: Final = (EMBEDDED, OPENSEARCH)
#: How variables say true and false.
_SWITCHES: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _row(
    default: Any, text: str, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()
) -> Any:
    """A setting; every number has bounds, the least and the largest value that make sense."""
    return field(default=default, metadata={"help": text, "low": low, "high": high, "choices": choices})


def _secret(text: str) -> Any:
    """A setting whose value is never printed."""
    return field(default="", metadata={"help": text, "low": None, "high": None, "choices": (), "is_secret": True})


class Settings(Value, kw_only=True):
    """All settings of one process; build it with `load_settings`, pass it on, never read the environment elsewhere."""

    index: str = _row("", "folder of the index; empty: the platform's user data folder")
    taxonomy: str = _row("", "a file of your own program types, in the form of corpus/taxonomy/taxonomy.toml")
    user_dictionary: str = _row(
        "", "a file of your own words, one a line, that queries are cut into; they act at once, without indexing again"
    )
    synonyms: str = _row("", "a file of your own synonyms: a = b, a > b, or the lines of Solr (a, b; a => b)")

    follow_links: bool = _row(False, "links in a folder to files and folders outside it are read too")
    max_file_bytes: int = _row(
        512 * 1024 * 1024, "larger files are rejected, but for JSON, tables and feeds", 1, 1 << 40
    )
    max_document_chars: int = _row(2_000_000, "longer documents are rejected", 1, 100_000_000)
    max_json_depth: int = _row(64, "deeper JSON is rejected", 1, 200)
    max_run_chars: int = _row(200, "longer runs without a break are cut before segmentation", 1, 10_000)
    workers: int = _row(0, "processes that read and analyse, 1: none beside the command's own; 0: one a core", 0, 256)
    max_file_seconds: float = _row(
        120.0, "a file that takes longer to read is rejected (not with workers = 1); 0: none is", 0, 86_400
    )
    writer_memory_mb: int = _row(128, "memory the index writer may fill before it spills to disk", 1, 1 << 20)
    lock_wait_seconds: float = _row(10.0, "how long a run waits for another one that holds the index", 0, 86_400)
    keep_generations: int = _row(2, "published generations kept on disk", 1, 1000)
    on_publish_timeout_seconds: float = _row(600.0, "how long the command of --on-publish may run", 1, 86_400)
    watch_settle_seconds: float = _row(1.0, "how long files must not change before watch indexes them", 0.05, 3600)
    watch_interval_seconds: float = _row(10.0, "the time between two runs of watch, at least", 0, 86_400)
    watch_missing_seconds: float = _row(
        60.0, "how long watch waits for a missing source before its documents leave the index", 0, 31_536_000
    )
    runs_kept: int = _row(1000, "runs of search-index kept in the history", 1, 1_000_000)
    index_mode: str = _row("0700", "permissions of the index, in octal; 0750 lets the group of its folder read it")
    verify_on_open: int = _row(0, "1: whenever an index is opened, read all of it to verify its checksums", 0, 1)

    engine: str = _row(
        EMBEDDED, "embedded: the index is in its folder; opensearch: in an OpenSearch cluster", choices=ENGINES
    )
    opensearch_urls: str = _row("http://127.0.0.1:9200", "nodes of the cluster, separated by commas")
    opensearch_index: str = _row("kesou", "alias of the index in the cluster; its indices are called kesou-000001, …")
    opensearch_user: str = _row("", "user name for the cluster")
    opensearch_password: str = _secret("password of the user; better in the environment or in a file")
    opensearch_password_file: str = _row("", "file with the password")
    opensearch_token: str = _secret("bearer token, instead of user and password")
    opensearch_token_file: str = _row("", "file with the token")
    opensearch_ca_file: str = _row("", "certificates of the authorities that signed those of the nodes, in PEM")
    opensearch_client_certificate: str = _row("", "certificate that this client shows, in PEM")
    opensearch_client_key: str = _row("", "private key of the client certificate, in PEM")
    opensearch_shards: int = _row(0, "primary shards of a new index; 0: by the number of documents", 0, 1024)
    opensearch_replicas: int = _row(-1, "copies of each shard; -1: one, but none if there is one node", -1, 20)
    opensearch_timeout_seconds: float = _row(30.0, "how long one request to the cluster may take", 0.1, 3600)

    max_query_chars: int = _row(256, "longer queries are cut, and the answer says so", 1, 100_000)
    max_query_terms: int = _row(64, "further terms are left out, and the answer says so", 1, 10_000)
    max_query_depth: int = _row(20, "brackets nested deeper are left out, and the answer says so", 0, 100)
    max_hits: int = _row(1000, "the largest --limit on the command line and in a batch", 1, 10_000_000)
    snippets_per_hit: int = _row(3, "fragments shown for one hit, at most", 0, 100)
    snippet_chars: int = _row(100, "the most characters of a fragment", 10, 10_000)

    host: str = _row("127.0.0.1", "address the web server listens on")
    port: int = _row(8000, "port the web server listens on; 0: any that is free", 0, 65535)
    trusted_hosts: str = _row("", "further host names the web server answers to, separated by commas")
    max_page_hits: int = _row(100, "the most hits a web page shows", 1, 10_000)
    max_body_bytes: int = _row(64 * 1024, "larger HTTP request bodies are refused", 0, 1 << 30)
    web_threads: int = _row(4, "threads that answer HTTP requests", 1, 256)

    def __repr__(self) -> str:
        hidden = {row.name for row in fields(Settings) if row.metadata.get("is_secret")}
        shown = (f"{name}={'…' if value and name in hidden else repr(value)}" for name, value in vars(self).items())
        return f"Settings({', '.join(shown)})"

    @property
    def index_dir(self) -> Path:
        """The folder of the index, resolved."""
        if self.index:
            return Path(self.index).expanduser()
        import platformdirs  # deferred: a plain `search` with KESOU_INDEX or --index never needs it

        return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False)) / "index"

    @property
    def index_permissions(self) -> int:
        """The permissions of the folders of the index; raises SettingsError."""
        if not re.fullmatch("0?7[0-7]{2}", self.index_mode):
            raise SettingsError(f"index_mode: {self.index_mode!r} is not 0700, 0750 or another mode of the form 07xx")
        return int(self.index_mode, 8)


def load_settings(
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """Settings from options (None values are not set), variables, file and defaults, in that order.

    Raises SettingsError, which names the source and the setting.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    from_file = _read_file((directory or Path()) / SETTINGS_FILE)
    for row in fields(Settings):
        variable = ENVIRONMENT_PREFIX + row.name.upper()
        if options and options.get(row.name) is not None:
            value, source = options[row.name], "--" + row.name.replace("_", "-")
        elif environment.get(variable):
            value, source = _convert(environment[variable], row, variable), variable
        elif row.name in from_file:
            value, source = _convert(from_file[row.name], row, f"{SETTINGS_FILE}: {row.name}"), SETTINGS_FILE
        else:
            continue
        values[row.name] = _checked(row, value, source)
    unknown = set(from_file) - {row.name for row in fields(Settings)}
    if unknown:
        raise SettingsError(f"{SETTINGS_FILE}: unknown setting {min(unknown)!r}; docs/settings.md lists the known ones")
    return Settings(**values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    import tomllib  # deferred: most runs have no settings file

    try:
        return tomllib.loads(raw)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error


def _convert(raw: Any, row: Field, where: str) -> Any:
    """The value in the type of the default; `true` or 2.5 for a whole number raises SettingsError."""
    kind = type(row.default)
    if kind is bool:
        value = _SWITCHES.get(str(raw).lower())
        if value is None:
            raise SettingsError(f"{where}: {raw!r:.80} is neither true nor false")
        return value
    is_other_type = isinstance(raw, bool) or (kind is str and not isinstance(raw, str))
    try:
        if is_other_type or (kind is int and isinstance(raw, float)):
            raise TypeError
        return kind(raw)
    except (TypeError, ValueError, OverflowError):
        wanted = {str: "text", int: "a whole number"}.get(kind, "a number")
        shown = "the value" if row.metadata.get("is_secret") else f"{raw!r:.80}"
        raise SettingsError(f"{where}: {shown} is not {wanted}") from None


def _checked(row: Field, value: Any, source: str) -> Any:
    """The value, if it lies within the bounds of its setting; a text must not contain a NUL character."""
    low, high, choices = (row.metadata[name] for name in ("low", "high", "choices"))
    if choices and value not in choices:
        raise SettingsError(f"{row.name} must be {' or '.join(choices)} ({source})")
    if isinstance(value, str):
        if "\0" in value:
            raise SettingsError(f"{row.name} must not contain a NUL character ({source})")
    elif low is not None and not low <= value <= high:
        raise SettingsError(f"{row.name} must be {low} to {high} ({source})")
    return value
