"""``tenders merge``, ``split``, ``why-merged``, ``why-not``, ``merges`` and ``review``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

if TYPE_CHECKING:
    from tenders.store.database import Store

app = typer.Typer()
_Reason = Annotated[str, typer.Option(help="Why, for who reads it later.")]
_Language = Annotated[str, typer.Option(help="fr or en.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _open() -> Store:
    from tenders.settings import load_settings
    from tenders.store.database import open_store

    settings = load_settings()
    return open_store(settings.database, settings.raw)


def _build(store: Store) -> None:
    """Have the tenders and the index follow what was decided."""
    from indexer.build import build
    from indexer.engine import open_engine
    from indexer.shipped import shipped_classifier
    from tenders.settings import load_settings

    engine = open_engine(load_settings().search)
    build(store, engine, classifier=shipped_classifier(), again=0)
    engine.close()


def _say(as_json: bool, said: Any, text: str) -> None:
    print(orjson.dumps(said, default=str).decode() if as_json else text)


@app.command("merge")
def merge(
    one: Annotated[str, typer.Argument(help="The id of a tender.")],
    other: Annotated[str, typer.Argument(help="The id of another that is the same procedure.")],
    reason: _Reason,
    as_json: _Json = False,
) -> None:
    """Make one of two tenders. A person's word wins over every rule, and holds until another takes it back.

    Example: tenders merge 0f35f15b3d0bc1c4 6f1d2c3b4a596877 --reason 'the same works, renamed by the buyer'
    """
    from indexer.linking.deciding import merge_tenders
    from tenders.store.tenders import find_tender

    store = _open()
    with store.writing() as connection:
        merge_tenders(connection, one, other, reason, at=datetime.now(UTC))
    _build(store)
    with store.reading() as connection:
        standing = find_tender(connection, one)
    _say(as_json, {"tender": standing}, f"they are one tender: {standing}")


@app.command("split")
def split(
    notices: Annotated[list[str], typer.Argument(help="Notices that are a procedure of their own: boamp:26-1 ...")],
    reason: _Reason,
    as_json: _Json = False,
) -> None:
    """Take notices out of their tender and make them one of their own. A person's word wins over every rule.

    Example: tenders split boamp:26-47580 --reason 'another lot, with a call of its own'
    """
    from indexer.linking.deciding import split_notices
    from tenders.store.links import find_notices
    from tenders.store.merging import load_merged

    store = _open()
    with store.writing() as connection:
        split_notices(connection, notices, reason, at=datetime.now(UTC))
    _build(store)
    with store.reading() as connection:
        ids = find_notices(connection, notices)
        homes = sorted({home for home, _, _ in load_merged(connection, ids.values()).values()})
    _say(as_json, {"tenders": homes}, f"they are a tender of their own: {' '.join(homes)}")


@app.command("why-merged")
def why_merged(
    tender: Annotated[str, typer.Argument(help="The id of a tender.")],
    language: _Language = "en",
    as_json: _Json = False,
) -> None:
    """Say by which rule each notice of a tender stands there, what stood there before, and what may belong to it.

    Example: tenders why-merged 0f35f15b3d0bc1c4
    """
    from indexer.linking.reporting import why_merged as asked

    with _open().reading() as connection:
        said = asked(connection, tender, language)
    _say(as_json, said, "\n".join(f"{row['notice']}: {row['state']}, {row['why']}" for row in said))


@app.command("why-not")
def why_not(
    one: Annotated[str, typer.Argument(help="The id of a tender, or a notice such as boamp:26-1.")],
    other: Annotated[str, typer.Argument(help="Another.")],
    language: _Language = "en",
    as_json: _Json = False,
) -> None:
    """Say why two tenders are not one: what each rule saw between their nearest notices.

    Example: tenders why-not 0f35f15b3d0bc1c4 6f1d2c3b4a596877
    """
    from indexer.linking.reporting import why_not as asked

    with _open().reading() as connection:
        said = asked(connection, one, other, language)
    _say(as_json, said, "\n".join(said))


@app.command("merges")
def merges(as_json: _Json = False) -> None:
    """Count by rule the notices merged by it, the possible links, and the notices that went to another tender.

    Example: tenders merges --json
    """
    from tenders.store.links import count_merges

    with _open().reading() as connection:
        counted = count_merges(connection)
    rows = [{"state": state, "rule": rule, "count": count} for state, rule, count in counted]
    _say(as_json, rows, "\n".join(f"{row['state']:9} {row['rule']:10} {row['count']:9}" for row in rows))


@app.command("review")
def review(
    accept: Annotated[tuple[str, str] | None, typer.Option(help="Two notices that are one procedure.")] = None,
    refuse: Annotated[tuple[str, str] | None, typer.Option(help="Two notices that are not.")] = None,
    reason: _Reason = "reviewed",
    limit: Annotated[int, typer.Option(help="How many to list, newest first.", min=1, max=10_000)] = 20,
    language: _Language = "en",
    as_json: _Json = False,
) -> None:
    """List the possible links, too weak to merge by; take or refuse one by its two notices.

    Examples:

      tenders review --limit 50

      tenders review --accept boamp:26-9 boamp:26-1
    """
    from indexer.linking.deciding import review as waiting
    from indexer.linking.deciding import settle_possible
    from indexer.linking.reporting import describe
    from tenders.store.decisions import Act

    store = _open()
    settled = [(pair, act) for pair, act in ((accept, Act.MERGE), (refuse, Act.SPLIT)) if pair]
    for (one, other), act in settled:
        with store.writing() as connection:
            settle_possible(connection, one, other, act, reason, at=datetime.now(UTC))
    if settled:
        _build(store)
    with store.reading() as connection:
        rows = [] if settled else [describe(link, language) for link in waiting(connection, limit)]
    _say(as_json, rows, "\n".join(f"{r['notice']} {r['other']}: {r['why']}" for r in rows) or "done")
