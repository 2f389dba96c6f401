"""The ``tenders`` command: the composition root, the only module that may import every room."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

import alerts.commands
import crawlers.commands
import indexer.commands
import indexer.cpv.commands
import indexer.linking_commands
import indexer.show_command
from tenders.errors import BadQuery, BadSettings, TendersError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenders.settings import Settings

    Job = Callable[[Settings], Callable[[], object]]

app = typer.Typer(
    name="tenders",
    help="Public tenders: bring the notices in, search them, and tell subscribers what is new for them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
ROOMS = (
    crawlers.commands.app,
    indexer.commands.app,
    indexer.linking_commands.app,
    indexer.cpv.commands.app,
    indexer.show_command.app,
    alerts.commands.app,
)
for room in ROOMS:
    app.add_typer(room)

STORELESS = ("parse", "classify")  # commands that neither need settings nor log, and start at once


@app.callback()
def prepare(context: typer.Context) -> None:
    """Set up what every command but the lightest needs."""
    if context.invoked_subcommand not in STORELESS:
        from tenders.logs import configure_logs

        configure_logs()


CRAWL_SECONDS = 3600  # BOAMP publishes twice a day; an hour keeps the wait short and the load light
TICK_SECONDS = 60
LETTER_SECONDS = 2  # somebody sits before the screen and waits for a confirmation: 10 s at most
JUDGED_AGAIN = 2000  # tenders a tick that a new classifier judges: a few seconds, after what is new is indexed


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="The port to listen on; a taken one is replaced, and said.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the search API, the feeds and the pages. It sends no mail: that is for `run`, or `alerts run` beside it.

    Example: tenders serve --port 8000
    """
    from tenders.settings import load_settings

    typer.echo("serve sends no mail: sign-ups wait for `tenders run` or `tenders alerts run` on this store", err=True)
    _serve(load_settings(), host, port)


@app.command()
def run(
    port: Annotated[int, typer.Option(help="The port to listen on; a taken one is replaced, and said.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Run the whole service in one process: crawls, index, alerts and the API, until Ctrl-C.

    Example: TENDERS_CRAWL_CONTACT=you@example.org TENDERS_MAIL_URL=maildir:var/mail tenders run
    """
    from tenders.settings import load_settings

    jobs = {"crawl": (CRAWL_SECONDS, crawl_all), "tick": (TICK_SECONDS, tick), "letters": (LETTER_SECONDS, letters)}
    _serve(load_settings(), host, port, jobs)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look around: what runs where, how much each part holds, what is behind, and what to do about it.

    Exit status 1 where a part does not work; what only wants a look is no failure. No secret is printed.

    Example: tenders doctor
    """
    from datetime import UTC, datetime

    import orjson

    from crawlers.crawl import chosen, describe
    from indexer.doctor import look_at_index
    from indexer.engine import open_engine
    from tenders.doctor import Health, failed, look_at_raw, look_at_settings, look_at_sources, look_at_store
    from tenders.doctor import write_findings as write
    from tenders.settings import load_settings
    from tenders.store.database import open_store

    settings = load_settings()
    findings = [*look_at_settings(settings), *look_at_raw(settings)]
    try:
        store = open_store(settings.database, settings.raw)
        findings += look_at_store(store)
        try:
            findings += look_at_index(store, open_engine(settings.search))
        except BadSettings as problem:
            findings.append(failed("index", problem))
        describe(store, chosen(settings))
        findings += look_at_sources(store, datetime.now(UTC))
    except TendersError as problem:
        if all(one.part != "store" for one in findings):
            findings.append(failed("store", problem))
    print(orjson.dumps(findings).decode() if as_json else write(findings))
    if any(one.health is Health.WRONG for one in findings):
        raise typer.Exit(1)


def crawl_all(settings: Settings) -> Callable[[], object]:
    """Return the job that crawls every source that is due, once."""
    from datetime import UTC, datetime

    from crawlers.crawl import crawl_apart, due_sources

    def act() -> None:
        if due := due_sources(settings, datetime.now(UTC)):
            crawl_apart(settings, due)

    return act


def tick(settings: Settings) -> Callable[[], object]:
    """Return the job that indexes what came in and runs the alerts."""
    from datetime import UTC, datetime

    import structlog

    from alerts.mail import open_mailer
    from alerts.model import Sender
    from alerts.run import run_alerts
    from indexer.build import build
    from indexer.engine import open_engine
    from indexer.shipped import shipped_classifier
    from tenders.store.database import open_store
    from tenders.store.forgetting import forget_stale

    classifier = shipped_classifier()
    store, engine, mailer = (
        open_store(settings.database, settings.raw),
        open_engine(settings.search),
        open_mailer(settings),
    )
    sender = Sender(base_url=settings.base_url, secret=settings.signing_key(), mail_from=settings.mail_from)

    def act() -> None:
        try:
            try:
                build(store, engine, classifier=classifier, again=JUDGED_AGAIN)
            finally:
                engine.close()
        except TendersError as problem:  # the alerts go by the store
            structlog.get_logger().warning("tick.index_not_ready", reason=str(problem))
        now = datetime.now(UTC)
        run_alerts(store, engine, mailer, sender, now)
        forget_stale(store, now)

    return act


def letters(settings: Settings) -> Callable[[], object]:
    """Return the job that sends the letters that wait. A tick may take minutes: they do not wait for it."""
    from datetime import UTC, datetime
    from functools import partial

    from alerts.letters import send_letters, write_letter
    from alerts.mail import open_mailer
    from tenders.store.database import open_store

    store, mailer = open_store(settings.database, settings.raw), open_mailer(settings)
    secret = settings.signing_key()
    written = partial(write_letter, base_url=settings.base_url, secret=secret, mail_from=settings.mail_from)

    def act() -> None:
        try:
            send_letters(store, mailer, written, datetime.now(UTC))
        finally:
            mailer.close()

    return act


def _serve(settings: Settings, host: str, port: int, jobs: Mapping[str, tuple[int, Job]] | None = None) -> None:
    """Serve, and run the jobs beside; links begin with the address that was had, where TENDERS_BASE_URL is not set."""
    from alerts.schedule import start_schedule
    from search_api.serve import bind, ended_by_signals, local_address, make_server

    with bind(host, port) as listening:
        if "base_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"base_url": local_address(listening)})
        server = make_server(settings, base_url=settings.base_url)
        schedule = start_schedule({name: (seconds, job(settings)) for name, (seconds, job) in (jobs or {}).items()})
        print(local_address(listening), flush=True)
        with ended_by_signals():
            try:
                server.run(sockets=[listening])
            finally:
                schedule.shutdown(wait=True)  # a mail that is being sent is settled first


def main() -> None:
    """Run the command; errors are one line on stderr and an exit status: 1 failed or refused, 2 wrong use."""
    try:
        app()
    except (BadQuery, BadSettings) as problem:
        print(f"tenders: {problem}", file=sys.stderr)
        raise SystemExit(2) from None
    except TendersError as problem:
        print(f"tenders: {problem}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
