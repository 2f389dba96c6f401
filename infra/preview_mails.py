"""Write the sample mails into a folder, to be looked at.

Each mail is there as .html, .txt and .eml (open that one in a mail program).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.digest import render
from alerts.letters import write_letter
from alerts.message import ON_DISK, compose
from alerts.model import Mail
from alerts.monthly import observe_month
from alerts.report import render_report
from indexer.observatory.observe import Observatory
from tenders.query_url import from_url
from tenders.store.letters import LETTERS
from tenders.subscription import Kind, Rhythm
from tests.alerts.samples import BASE, NOW, SECRET, SENDER, digest, fifty, rich_digest, subscription
from tests.notices import House
from tests.search_api.samples import NOTICES


def mails() -> dict[str, Mail]:
    """Return the sample mails by name."""
    rich = rich_digest()
    english = replace(rich, subscription=subscription(language="en", name=None))
    change = next(line for line in rich.lines if line.kind == "changed")
    digests = {
        "digest-fr": rich,
        "digest-en": english,
        "digest-part": replace(rich_digest(), part=2, parts=3),
        "change-fr": digest(change, subscription=subscription(name=None)),
        "fifty-fr": fifty(),
    }
    found = {name: render(each, base_url=BASE, secret=SECRET, mail_from=SENDER) for name, each in digests.items()}
    for language in ("fr", "en"):
        pending = subscription(language=language, state="pending", confirmed=None, created=NOW)
        for kind in LETTERS:
            found[f"{kind}-{language}"] = write_letter(kind, pending, base_url=BASE, secret=SECRET, mail_from=SENDER)
        asked = replace(pending, kind=Kind.REPORT, rhythm=Rhythm.MONTHLY, query=from_url("dept=21"))
        found[f"confirmation-report-{language}"] = write_letter(
            "confirmation", asked, base_url=BASE, secret=SECRET, mail_from=SENDER
        )
    return found | reports()


def reports() -> dict[str, Mail]:
    """Return monthly reports on invented notices, one of them on none."""
    found = {}
    with TemporaryDirectory() as folder:
        house = House(Path(folder))
        house.bring(*NOTICES)
        for name, form, language in (
            ("fr", "", "fr"),
            ("en", "dept=71", "en"),
            ("empty", "dept=48", "fr"),
        ):
            wanted = {"kind": Kind.REPORT, "rhythm": Rhythm.MONTHLY, "query": from_url(form), "name": None}
            owned = subscription(language=language, **wanted)
            seen = observe_month(Observatory(house.engine), owned, date(2026, 5, 1), NOW)
            report = replace(seen, checked=rich_digest().checked)
            found[f"report-{name}"] = render_report(report, base_url=BASE, secret=SECRET, mail_from=SENDER)
        house.close()
    return found


def main(folder: Path) -> None:
    """Write them all, and say where and how large."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, mail in mails().items():
        (folder / f"{name}.html").write_text(mail.html)
        (folder / f"{name}.txt").write_text(mail.text)
        (folder / f"{name}.eml").write_bytes(compose(mail).as_bytes(policy=ON_DISK))
        print(f"{folder / name}.html  {len(mail.html.encode()):>6} bytes  {mail.subject}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m infra.preview_mails", description=__doc__)
    asked.add_argument("folder", type=Path, help="where they are written; it is made where it is not there")
    main(asked.parse_args().folder)
