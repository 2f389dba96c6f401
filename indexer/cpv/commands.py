"""``tenders classify`` and ``tenders cpv``."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from indexer.cpv.learning.train_command import train
from indexer.cpv.measuring.evaluate_command import evaluate
from tenders.errors import BadQuery

_LAST = 2**31 - 1  # the greatest id that every database has

app = typer.Typer()
cpv = typer.Typer(help="What the CPV classifier is made of, and what people say of its codes.", no_args_is_help=True)
app.add_typer(cpv, name="cpv")
cpv.command()(train)
cpv.command()(evaluate)


@app.command()
def classify(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Files to read; - or none is standard input.")
    ] = None,
) -> None:
    """Give CPV codes to texts, a line out for each line in, in their order. Touches no store.

    A line is a JSON object {"id", "title", "description", "lang", "nature", "descriptors"}, of which only the title
    must be there, or a plain text. The answer has the codes to show with the words that speak for them ("cpv"), the
    five best divisions, groups and whole codes, and the code that is asserted, null where none is sure enough. Of a
    line that cannot be read it has an "error".

    Exit status: 0 every line was answered, 1 a line or a file could not be read, 2 wrong use.

    Example: echo "Réfection de la toiture de l'école" | tenders classify
    """
    from indexer.cpv.answering import answer_files
    from indexer.cpv.pipeline import open_classifier

    try:
        read = answer_files(
            files or ["-"], open_classifier(), sys.stdout.buffer, lambda line: print(line, file=sys.stderr)
        )
    except BrokenPipeError:  # who reads has seen enough; Python would complain at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    if not read:
        raise typer.Exit(1)


@cpv.command()
def corrections(
    accept: Annotated[
        list[int] | None, typer.Option(help="Accept the correction of this id; repeat it for more.", max=_LAST)
    ] = None,
    refuse: Annotated[list[int] | None, typer.Option(help="Refuse this one.", max=_LAST)] = None,
    every: Annotated[bool, typer.Option("--all", help="Show those that were judged, too.")] = False,
    export: Annotated[
        bool, typer.Option(help="Print what the accepted ones teach, as lines for `tenders cpv train --corrections`.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the corrections as JSON.")] = False,
) -> None:
    """Show, judge and export what people say of CPV codes. It never changes a tender, nor a buyer's code.

    Example: tenders cpv corrections --accept 12 --accept 14 --refuse 13
    """
    from indexer.cpv.learning.correcting import standing_tenders, training_rows, write_correction
    from tenders.settings import load_settings
    from tenders.store.corrections import load_corrections, settle
    from tenders.store.database import open_store

    if both := set(accept or []) & set(refuse or []):
        raise BadQuery(f"{min(both)} is both accepted and refused: choose one", name="accept")
    settings = load_settings()
    store = open_store(settings.database, settings.raw)
    unknown: list[int] = []
    if accept or refuse:
        now = datetime.now(UTC)
        with store.writing() as connection:
            unknown = settle(connection, accept or [], "accepted", now) + settle(
                connection, refuse or [], "refused", now
            )
    with store.reading() as connection:
        wanted = load_corrections(connection, "accepted" if export else None if every else "open")
        tenders = standing_tenders(connection, wanted)
    if export:
        for row in training_rows(wanted, tenders):
            print(orjson.dumps(row).decode())
    else:
        written = [write_correction(one, tenders.get(one.tender_id)) for one in wanted]
        print(orjson.dumps(written).decode() if as_json else _table(written))
    for id_ in unknown:
        print(f"there is no correction {id_}: see tenders cpv corrections --all", file=sys.stderr)
    if unknown:
        raise typer.Exit(1)


def _table(written: list[dict[str, object]]) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not written:
        return "no correction waits"
    table = Table("id", "state", "shown", "proposed", "by", "times", "title")
    for one in written:
        shown = f"{one['shown']} {'official' if one['official'] else 'estimated'}"
        proposed = " ".join(one["proposed"]) or "wrong"  # type: ignore[arg-type]
        title = one["lot_title"] or one["title"] or one["tender"]
        cells = (one["id"], one["state"], shown, proposed, one["by"], one["times"], title)
        table.add_row(*(Text(str(cell)) for cell in cells))
    console = Console(file=StringIO())
    console.print(table)
    return console.file.getvalue().rstrip()  # type: ignore[attr-defined,no-any-return]


@cpv.command("agency-link")
def agency_link(
    name: Annotated[str, typer.Argument(help="What the corrections of this agency are known by.")],
    tender: Annotated[str, typer.Argument(help="The id of a tender.")],
) -> None:
    """Print the signed link by which an agency marks codes of a tender under its own name.

    Its end (?by=...) is the same for every tender, so that the agency may put it after any tender's page of codes.

    Example: tenders cpv agency-link centrale-exemple 6f1d2c3b4a596877
    """
    from tenders.marking import agency_name, marking_url
    from tenders.settings import load_settings

    settings = load_settings()
    print(marking_url(settings.base_url, settings.signing_key(), tender, agency_name(name)))
