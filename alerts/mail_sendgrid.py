"""Send by SendGrid's v3 API. It has no idempotency key: what is in doubt is settled by our `oid` in its events."""

from __future__ import annotations

import http.client
import json
import logging
import time
from datetime import timedelta
from math import isfinite
from typing import Any, Final, Self
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    From,
    Header,
    OpenTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail import Mail as Body
from sendgrid.helpers.mail.exceptions import SendGridException

from alerts.message import header, order_id, sender
from alerts.model import Mail
from tenders.errors import MailDelayed, MailRefused
from tenders.plain import one_line

TIMEOUT: Final = 10.0  # seconds; the client has none of its own and would wait for ever
_ACCEPTED: Final = 202
_TOO_MANY: Final = 429
_SETTING: Final = timedelta(minutes=5)  # until an answer that speaks of our settings is asked for again
# Answers that speak of this mail. 401, 403, 404 ... speak of our key or address: nothing may be lost by those.
_REFUSALS: Final = frozenset({400, 413, 422})
_NOT_OURS: Final = ("From", "Date")  # SendGrid writes these itself


class SendGridMailer:
    """Sends by HTTPS, one request a mail, so that one bad address refuses nobody else's mail."""

    def __init__(self, api_key: str, host: str, *, timeout: float = TIMEOUT) -> None:
        # The client writes its headers, with the key, to its log at DEBUG.
        logging.getLogger("python_http_client").setLevel(logging.INFO)
        self._key = api_key
        self._client = SendGridAPIClient(api_key, host=host.rstrip("/"))
        self._client.client.timeout = timeout

    def send(self, mail: Mail) -> None:
        """Send one mail; raises MailRefused or MailDelayed."""
        try:
            body = _body(mail)
        except (ValueError, TypeError, KeyError, AttributeError, SendGridException) as problem:
            said = f"{type(problem).__name__} {problem}"
            raise MailRefused(f"SendGrid's client cannot write this mail: {self._safe(said)}") from None
        try:
            answer = self._client.send(body)
        except HTTPError as problem:
            raise self._judge(problem) from None
        except ValueError as problem:  # an address or a key that no request can carry: a setting, not this mail
            said = f"{self._safe(str(problem))}; check TENDERS_SENDGRID_HOST and TENDERS_SENDGRID_API_KEY"
            raise MailDelayed(f"SendGrid cannot be asked: {said}", wait=_SETTING) from None
        except (URLError, http.client.HTTPException, OSError) as problem:
            reason = problem.reason if isinstance(problem, URLError) else problem
            name = "no answer in time" if isinstance(reason, TimeoutError) else type(reason).__name__
            raise MailDelayed(
                f"SendGrid did not answer ({name}): whether it took the mail is not known", system=True
            ) from None
        if answer.status_code != _ACCEPTED:
            said = f"SendGrid answered {answer.status_code} in place of 202: check TENDERS_SENDGRID_HOST"
            raise MailDelayed(said, wait=_SETTING)

    def close(self) -> None:
        """Nothing is held open: the client closes after each call."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _judge(self, problem: HTTPError) -> MailRefused | MailDelayed:
        code = int(problem.status_code)
        said = f"SendGrid answered {code}: {self._safe(_messages(problem.body))}"
        if code in _REFUSALS:
            return MailRefused(said)
        if code in (401, 403):
            return MailDelayed(f"{said}; check TENDERS_SENDGRID_API_KEY and that the sender is verified", wait=_SETTING)
        if code == _TOO_MANY:
            return MailDelayed(said, wait=_until_reset(problem.headers))
        return MailDelayed(said, system=True)

    def _safe(self, text: str) -> str:
        return one_line(text.replace(self._key, "***"), 300)


def _until_reset(headers: Any) -> timedelta:
    """How long to leave SendGrid alone: until the moment it names (unix seconds), else a minute; five at most."""
    try:
        seconds = float(headers["X-RateLimit-Reset"]) - time.time()
    except (KeyError, TypeError, ValueError, OverflowError):
        seconds = 60.0
    return timedelta(seconds=min(max(seconds, 1.0), 300.0)) if isfinite(seconds) else timedelta(minutes=1)


def _messages(body: bytes) -> str:
    """Return the messages of an error's JSON, or the start of what came in its place."""
    try:
        errors = json.loads(body)["errors"]
        return "; ".join(" ".join(filter(None, (error.get("field"), error.get("message")))) for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return body[:200].decode("utf-8", "replace")


def _body(mail: Mail) -> dict[str, Any]:
    """Build the request. The helper lets CR and LF through, so every header is cleaned here again."""
    name, address = sender(mail)
    body = Body(from_email=From(address, name or None), to_emails=To(mail.to), subject=header(mail.subject))
    body.add_content(Content("text/plain", mail.text))
    body.add_content(Content("text/html", mail.html))
    body.add_custom_arg(CustomArg("oid", order_id(mail)))
    for key, value in (*mail.headers.items(), ("Message-ID", mail.message_id)):
        if key not in _NOT_OURS:
            body.add_header(Header(key, header(value, 900)))
    tracking = TrackingSettings()
    tracking.click_tracking = ClickTracking(False, False)
    tracking.open_tracking = OpenTracking(False)
    body.tracking_settings = tracking
    built: dict[str, Any] = body.get()
    return built
