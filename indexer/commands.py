"""``tenders index`` and ``tenders search``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from typer.core import TyperCommand

from tenders.query_url import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.engine import SearchEngine
    from tenders.model import Tender
    from tenders.query import Query
    from tenders.store.database import Store

app = typer.Typer()
_FILTERS = ", ".join(f"--{name.replace('_', '-')}" for name in NAMES if name != "q")


class _WithText(TyperCommand):
    """Keeps apart what stands after ``--``, which is text whatever it begins with."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments before ``--`` (click)."""
        if "--" in args:
            at = args.index("--")
            args, ctx.obj = args[:at], args[at + 1 :]
        return super().parse_args(ctx, args)


class Form(StrEnum):
    """How found tenders are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    IDS = "ids"
    CSV = "csv"


def _open() -> tuple[Store, SearchEngine]:
    from indexer.filling import open_index
    from tenders.settings import load_settings
    from tenders.store.database import open_store

    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    return store, open_index(store, settings.search)


@app.command()
def index(
    rebuild: Annotated[
        bool, typer.Option(help="Make the index anew from the store; the old one answers meanwhile.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
) -> None:
    """Merge what changed in the store into tenders and index them. Run it again after a crash; it alerts nobody.

    Where the buyer gave no CPV code one is predicted; what another classifier predicted is predicted anew.

    Example: tenders index
    """
    from indexer.build import build
    from indexer.engine import open_engine
    from indexer.shipped import shipped_classifier
    from tenders.settings import load_settings
    from tenders.store.database import open_store

    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    engine = open_engine(settings.search)
    done: dict[str, int] = {}

    def say(stage: str, count: int) -> None:
        done[stage] = done.get(stage, 0) + count
        print(f"{done[stage]} {stage}", file=sys.stderr)

    built = build(store, engine, say, classifier=shipped_classifier(), anew=rebuild)
    total = engine.count()
    engine.close()
    if as_json:
        print(orjson.dumps({**asdict(built), "tenders": total}).decode())
    else:
        again = f", {built.reclassified} classified anew" if built.reclassified else ""
        print(f"{built.notices} notices merged, {built.written} tenders written{again}, {total} in the index")


@app.command(
    cls=_WithText,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog=f"Filters, each with a value, repeated for alternatives: {_FILTERS}.",
)
def search(
    context: typer.Context,
    form: Annotated[Form, typer.Option("--format", help="How to print what is found.")] = Form.TABLE,
    every: Annotated[
        bool, typer.Option("--all", help="Print every tender found, newest first where no --sort is given, not a page.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")] = False,
    query: Annotated[str, typer.Option(help="A whole query in its URL form, such as 'q=toiture&dept=21'.")] = "",
    now: Annotated[
        str, typer.Option(help="The moment that status and spans are relative to; Europe/Paris, default now.")
    ] = "",
) -> None:
    """Search the tenders. Filters are the names of the URL form; after -- a text may begin with a dash, '' means all.

    Examples:

      tenders search --dept 21 --status open -- 'toiture OU couverture'

      tenders search --cpv 45261 --cpv 45262 --format ids --all -- ''
    """
    from tenders.errors import BadQuery
    from tenders.query_url import from_pairs, require_sources
    from tenders.status import read_moment
    from tenders.store.notices import known_sources

    asked = from_pairs(_read_arguments(context.args, context.obj, query))
    if every and asked.after:
        raise BadQuery("--all prints every tender found: leave --after out", name="after")
    moment = read_moment(now) if now else datetime.now(UTC)
    moment = moment.replace(microsecond=0)  # counted to the second, as the index does
    store, engine = _open()
    if asked.source:
        with store.reading() as connection:
            require_sources(asked, known_sources(connection))
    _print(_find(store, engine, asked, moment, every), Form.JSONL if as_json else form, moment)


def _read_arguments(arguments: list[str], text: list[str] | None, query: str) -> list[tuple[str, str]]:
    """Read ``--name value`` pairs and the text; raises BadQuery for what it cannot read."""
    from tenders.errors import BadQuery
    from tenders.query_url import split_form

    pairs = split_form(query)
    texts: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument.startswith("--"):
            name, equals, value = argument.removeprefix("--").partition("=")
            name = name.replace("-", "_")
            if name not in NAMES:
                raise BadQuery(f"unknown filter {argument}: the filters are {_FILTERS}", name=name)
            given = value if equals else next(rest, None)
            if given is None:
                raise BadQuery(f"{argument} needs a value: write it after a space", name=name)
            pairs.append((name, given))
        else:
            texts.append(argument)
    texts += text or []
    if texts:
        pairs.append(("q", " ".join(texts)))
    return pairs


def _find(store: Store, engine: SearchEngine, query: Query, now: datetime, every: bool) -> Iterator[Tender]:
    from indexer.walk import every_id, load_each

    return load_each(store, every_id(engine, query, now) if every else _ids_of_page(engine, query, now))


def _ids_of_page(engine: SearchEngine, query: Query, now: datetime) -> Iterator[str]:
    page = engine.search(query, now)
    print(f"{page.total} tenders", file=sys.stderr)
    return iter([hit.id for hit in page.hits])


def _print(tenders: Iterable[Tender], form: Form, now: datetime) -> None:
    if form is Form.CSV:
        _print_csv(tenders, now)
    elif form is Form.TABLE:
        _print_table(tenders)
    else:
        from indexer.line import tender_line

        for tender in tenders:
            print(tender.id if form is Form.IDS else orjson.dumps(tender_line(tender, now)).decode())


def _print_csv(tenders: Iterable[Tender], now: datetime) -> None:
    from indexer.columns import make_row, write_csv
    from tenders.settings import load_settings

    pages = load_settings().base_url.rstrip("/") + "/tenders/"
    for line in write_csv(make_row(tender, now, pages + tender.id) for tender in tenders):
        sys.stdout.write(line)


def _print_table(tenders: Iterable[Tender]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("closes", "title", "buyer", "dept", "notices")
    for tender in tenders:
        merged = tender.merged
        closes = merged.deadline or merged.display_until
        notices = " ".join(notice.key for notice in tender.notices)
        departments = " ".join(merged.departments)
        table.add_row(str(closes or "")[:10], merged.title, merged.buyer.name, departments, notices)
    Console().print(table)
