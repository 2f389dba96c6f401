"""No log keeps an address or the token of a link."""

from __future__ import annotations

import subprocess
import sys

import pytest

SAY = """
import structlog
from tenders.logs import configure_logs
configure_logs()
log = structlog.get_logger()
log.error("mail.refused", delivery="d1", reason="550 <a.b+c@example.org>: no user a.b+c@example.org here")
log.warning("not available", path="/fr/alerts/manage/WyJh.YHff.5O92/alerts.json", reason="x")
log.error("answer failed", path="/alerts/confirm/ImQy.YHff.x3Ju", trace="GET /fr/alerts/unsubscribe/Inlz.SQLe failed")
try:
    raise ValueError("cannot write to a@example.org")
except ValueError:
    log.exception("mail.unwritten", delivery="d2")
log.info("mail.accepted", delivery="d3", seq=7)
"""


def test_addresses_and_tokens_are_hidden_and_the_rest_is_not() -> None:
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    for secret in ("example.org", "a.b", "WyJh", "ImQy", "Inlz"):
        assert secret not in done.stderr
    lines = done.stderr.splitlines()
    assert "delivery=d1" in lines[0] and "no user …@… here" in lines[0]
    assert "path=/fr/alerts/manage/…" in lines[1]
    assert "path=/alerts/confirm/…" in lines[2] and "/fr/alerts/unsubscribe/… failed" in lines[2]
    assert "ValueError: cannot write to …@…" in lines[3]
    assert "delivery=d3 seq=7" in lines[4]


@pytest.mark.parametrize("plain", ["/fr/alerts/new", "boamp:26-47580", "https://tw.example/tenders/abc"])
def test_other_texts_stay(plain: str) -> None:
    said = SAY.split("log.error")[0] + f"log.info('x', path={plain!r})"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert plain in done.stderr
