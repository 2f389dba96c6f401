"""Who may say that a CPV code is wrong: signed links for subscriptions and agencies, signed forms for everybody.

A token does one thing, by its own salt. A link says who speaks and never expires, as mails are opened late; a form says
of which tender it speaks, for whom, and lasts a day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote

from tenders import signing
from tenders.errors import Refused

FORM_LASTS = timedelta(days=1)
_LINK = "tenderwatch.mark"
_FORM = "tenderwatch.mark.form"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def subscription_name(id_: str) -> str:
    """Return how the owner of a subscription is named in corrections."""
    return f"subscription:{id_}"


def agency_name(name: str) -> str:
    """Return how an agency is named in corrections; raises Refused for a name that is no short word."""
    if not _NAME.fullmatch(name):
        raise Refused(f"{name[:40]!r} is no name of an agency: use up to 64 letters, digits, dots and dashes")
    return f"agency:{name}"


def marking_url(base_url: str, secret: str, tender_id: str, by: str) -> str:
    """Return the link by which somebody marks codes of a tender; a GET only shows."""
    return f"{base_url.rstrip('/')}/tenders/{quote(tender_id)}/cpv?by={signing.sign(secret, _LINK, by)}"


def read_link(token: str, secret: str) -> str | None:
    """Return who speaks by a link's token, None for a token that we did not make."""
    found = signing.read(secret, _LINK, token)
    return found if isinstance(found, str) else None


def sign_form(secret: str, tender_id: str, by: str, at: datetime) -> str:
    """Return the token that a form about one tender carries, for whoever it was shown to."""
    return signing.sign_at(secret, _FORM, [tender_id, by], at)


def read_form(token: str, secret: str, tender_id: str, now: datetime) -> str | None:
    """Return whom a form about this tender was shown to, None for a form that is not ours or older than a day."""
    found = signing.read_at(secret, _FORM, token)
    if found is None or now - found[1] > FORM_LASTS:
        return None
    match found[0]:
        case [str(tender), str(by)] if tender == tender_id:
            return by
    return None
