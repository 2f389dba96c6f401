"""Settings are refused at the start, with words that say what to write."""

from __future__ import annotations

import pytest

from tenders.errors import BadSettings
from tenders.settings import load_settings


def test_sites_that_may_embed_are_scheme_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENDERS_EMBED_ON", "https://www.example.org   https://*.example.fr http://localhost:8080")
    assert load_settings().embed_on == "https://www.example.org https://*.example.fr http://localhost:8080"
    monkeypatch.delenv("TENDERS_EMBED_ON")
    assert load_settings().embed_on == ""


@pytest.mark.parametrize(
    "sites",
    [
        "*",
        "https:",
        "https://*",
        "'self'",
        "www.example.org",
        "https://www.example.org/page",
        "https://a.example,https://b.example",
        "https://a.example; script-src *",
        "https://a.example\r\nSet-Cookie: a=b",
        "https://é.example",
        "https://a.example:٣٣",
        "https://a.example:123456",
        "https://*.fr",
        "https://a..example",
        "https://a-.example",
    ],
)
def test_what_would_let_in_everybody_or_is_no_site_is_refused(monkeypatch: pytest.MonkeyPatch, sites: str) -> None:
    monkeypatch.setenv("TENDERS_EMBED_ON", sites)
    with pytest.raises(BadSettings, match=r"(?s)embed_on.*write scheme and host alone"):
        load_settings()
