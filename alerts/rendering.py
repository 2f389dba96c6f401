"""Write what a subscription is told as a mail, whichever kind it is of."""

from __future__ import annotations

from alerts.digest import render
from alerts.model import Digest, Mail, Report
from alerts.report import render_report


def write_mail(told: Digest | Report, *, base_url: str, secret: str, mail_from: str) -> Mail:
    """Write a digest or a report as a mail, text and HTML, in the subscription's language."""
    write = render_report if isinstance(told, Report) else render
    return write(told, base_url=base_url, secret=secret, mail_from=mail_from)  # type: ignore[arg-type]
