"""``tenders show``: one tender, where each of its facts comes from, and its history."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from indexer.retelling import Told
    from tenders.model import Tender
    from tenders.store.tenders import Revision

app = typer.Typer()
_SHOWN = 100  # characters of a value
_FACTS = ("title", "deadline", "display_until", "value", "cpv", "lots", "awards", "documents")


@app.command()
def show(
    tender_id: Annotated[str, typer.Argument(metavar="ID", help="The tender's id, or one that it absorbed.")],
    history: Annotated[
        bool, typer.Option(help="Print what each notice changed, and the revisions as they were recorded.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tender as one JSON object.")] = False,
    now: Annotated[str, typer.Option(help="The moment of its status; Europe/Paris, default now.")] = "",
) -> None:
    """Show one tender: its facts with the notice each comes from, what notices contradict, and its history.

    Example: tenders show 6f1d2c3b4a596877 --history
    """
    import orjson

    from indexer.line import tender_line
    from indexer.retelling import retell
    from tenders.errors import BadQuery
    from tenders.settings import load_settings
    from tenders.status import read_moment
    from tenders.store.database import open_store
    from tenders.store.tenders import find_tender, load_history, load_tenders

    settings = load_settings()
    moment = (read_moment(now) if now else datetime.now(UTC)).replace(microsecond=0)
    store = open_store(settings.database, settings.raw)
    with store.reading() as connection:
        standing = find_tender(connection, tender_id)
        if standing is None:
            raise BadQuery(f"there is no tender {tender_id}: tenders search prints the ids", name="id")
        tender = load_tenders(connection, [standing])[standing]
        revisions = load_history(connection, standing) if history else []
    told = retell(tender.notices) if history else []
    if as_json:
        line = tender_line(tender, moment)
        sys.stdout.write(orjson.dumps(line | {"told": told, "history": revisions} if history else line).decode() + "\n")
        return
    lines = [*_write_facts(tender, moment), *_write_told(told), *_write_revisions(revisions)]
    sys.stdout.write("\n".join(lines) + "\n")


def _write_facts(tender: Tender, now: datetime) -> Iterator[str]:
    from tenders.status import status

    yield f"{tender.id}  {status(tender, now).value}  seq {tender.seq}, revision {tender.revision}"
    from indexer.material import material_facts

    facts = material_facts(tender)
    for name in _FACTS:
        value = facts[name] if name in ("lots", "awards", "documents", "value") else getattr(tender.merged, name)
        if value not in (None, (), []):
            yield f"  {name}: {_short(value)}  ({tender.provenance.get(name, '')})"
    buyer = tender.merged.buyer
    for part in ("name", "id", "postcode"):
        if getattr(buyer, part):
            yield f"  buyer {part}: {_short(getattr(buyer, part))}  ({tender.provenance.get(f'buyer.{part}', '')})"
    for one in tender.contradictions:
        yield f"  but {one.field}: {_short(one.value)}  according to {one.notice}"


def _write_told(told: list[Told]) -> Iterator[str]:
    for place, one in enumerate(told):
        day = one.day.isoformat() if one.day > date.min else "no day"
        yield f"  {day}  {one.kind.value}  {one.notice}{'' if place else '  (first)'}"
        yield from _write_changes(one.changed)


def _write_revisions(revisions: list[Revision]) -> Iterator[str]:
    for revision in reversed(revisions):
        at = revision.changed_at.isoformat(timespec="seconds")
        yield f"  revision {revision.revision}  {at}  by {revision.notice}"
        yield from _write_changes(revision.fields)


def _write_changes(changed: Any) -> Iterator[str]:
    for name, (old, new) in changed.items():
        if isinstance(old, list) and isinstance(new, list):
            gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
            yield f"      {name}: {_short(gone)} -> {_short(come)}"
        else:
            yield f"      {name}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = " ".join(("-" if value in (None, [], ()) else text).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 2]} …"
