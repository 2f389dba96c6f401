"""``tenders subscribe`` and ``tenders alerts run``."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from tenders.errors import BadQuery, MailDelayed, Refused
from tenders.subscription import RHYTHMS, USUAL_RHYTHM, Kind, Rhythm

app = typer.Typer()
alerts = typer.Typer(help="Match what is new against the subscriptions and send what is due.", no_args_is_help=True)
app.add_typer(alerts, name="alerts")


def _mails_beside(as_json: bool) -> AbstractContextManager[object]:
    """Where JSON goes to stdout, the console's mails go to stderr."""
    return redirect_stdout(sys.stderr) if as_json else nullcontext()


@app.command()
def subscribe(
    email: Annotated[str, typer.Argument(help="Where the alerts go.")],
    query: Annotated[str, typer.Option(help="The query in its URL form, such as 'q=toiture&dept=21'.")],
    kind: Annotated[
        Kind, typer.Option(help="An alert on tenders as they come, or a report of each month.")
    ] = Kind.ALERT,
    rhythm: Annotated[
        Rhythm | None,
        typer.Option(help="At once, a digest a day (so without it) or week from 07:00; a report: monthly."),
    ] = None,
    name: Annotated[str, typer.Option(help="What the mails call this alert.")] = "",
    language: Annotated[str, typer.Option(help="Language of the mails: fr or en.")] = "fr",
    confirmed: Annotated[bool, typer.Option(help="The owner has agreed already: send no confirmation mail.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the subscription as one JSON object.")] = False,
) -> None:
    """Begin an alert: tell an address what a query selects from now on; or what its tenders amount to each month.

    Example: tenders subscribe marie@example.org --query 'q=toiture OU couverture&dept=21' --rhythm daily
    """
    from functools import partial

    from alerts.letters import write_letter
    from alerts.mail import open_mailer
    from indexer.observatory.scope import require_scope
    from tenders.query_url import from_url, to_url
    from tenders.settings import load_settings
    from tenders.store.database import open_store
    from tenders.store.opposed import is_opposed, lift
    from tenders.store.subscriptions import mailbox_of
    from tenders.store.subscriptions import subscribe as begin

    if language not in ("fr", "en"):
        raise BadQuery(f"--language {language}: write fr or en", name="language")
    asked = from_url(query)
    if kind is Kind.REPORT:
        require_scope(asked)
    rhythm = rhythm or USUAL_RHYTHM[kind]
    if rhythm not in RHYTHMS[kind]:
        raise BadQuery(f"--rhythm {rhythm}: with --kind {kind} write {' or '.join(RHYTHMS[kind])}", name="rhythm")
    settings = load_settings()
    store, mailer = open_store(settings.database, settings.raw), open_mailer(settings)
    secret, at = settings.signing_key(), datetime.now(UTC)
    written = partial(write_letter, base_url=settings.base_url, secret=secret, mail_from=settings.mail_from)
    with store.writing() as connection:
        if confirmed:
            lift(connection, secret, mailbox_of(email))
        elif is_opposed(connection, secret, mailbox_of(email)):
            raise Refused("the owner of this address wants no mail: with their word, run this again with --confirmed")
    begun = begin(
        store, email, asked, rhythm, at=at, kind=kind, language=language, name=name or None, confirmed=confirmed
    )
    if begun.state == "pending":
        with mailer, _mails_beside(as_json):
            try:
                mailer.send(written("confirmation", begun, now=at))
            except MailDelayed as problem:
                raise MailDelayed(f"the confirmation was not sent, run this again: {problem}") from None
    if as_json:
        said = {"id": begun.id, "email": begun.email, "query": to_url(begun.query), "rhythm": begun.rhythm.value}
        print(orjson.dumps(said | {"kind": begun.kind.value, "state": begun.state}).decode())
    elif begun.state == "pending":
        print(f"{begun.email}: a confirmation was sent; nothing is told before it is confirmed ({begun.id})")
    else:
        print(f"{begun.email}: {begun.rhythm} {begun.kind} on '{to_url(begun.query)}' is active ({begun.id})")


@alerts.command("run")
def run(
    now: Annotated[str, typer.Option(help="The moment to act as of, ISO 8601; default the present.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
) -> None:
    """Run the alerts once: send letters, match, drain what is due, send it. Running it twice changes nothing.

    A mail that was delayed is tried again at once.

    Example: tenders alerts run --now 2026-05-21T07:00
    """
    from dataclasses import asdict
    from functools import partial

    from alerts.letters import send_letters, write_letter
    from alerts.mail import open_mailer
    from alerts.model import Sender
    from alerts.run import run_alerts
    from indexer.engine import open_engine
    from tenders.settings import load_settings
    from tenders.status import read_moment
    from tenders.store.database import open_store
    from tenders.store.forgetting import forget_stale

    moment = read_moment(now) if now else datetime.now(UTC)
    settings = load_settings()
    store, engine = open_store(settings.database, settings.raw), open_engine(settings.search)
    sender = Sender(base_url=settings.base_url, secret=settings.signing_key(), mail_from=settings.mail_from)
    letter = partial(write_letter, **asdict(sender))
    with open_mailer(settings) as mailer, _mails_beside(as_json):
        letters = send_letters(store, mailer, letter, moment, patient=False)
        ran = run_alerts(store, engine, mailer, sender, moment, patient=False)
    forget_stale(store, moment)
    sent = letters + ran.sent
    counts = {
        "matched": ran.matched,
        "ending": ran.ending,
        "mails": ran.mails,
        "accepted": sent.accepted,
        "delayed": sent.delayed,
        "failed": sent.failed,
        "dropped": sent.dropped,
    }
    print(orjson.dumps(counts).decode() if as_json else ", ".join(f"{count} {name}" for name, count in counts.items()))
    if sent.failed or sent.delayed:
        raise typer.Exit(1)
