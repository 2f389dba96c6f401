"""Bodies that a network, a platform or an attacker may hand us: a clear reason in a moment, never a crash."""

from __future__ import annotations

import json
import time

import pytest

from crawlers.formats import FORMATS, Refusal
from tests.conftest import EXAMPLES

XML = (EXAMPLES / "eforms/call.xml").read_bytes()
JSON = (EXAMPLES / "boamp/record.json").read_bytes()
CSV = (EXAMPLES / "boamp-daily/first-days.csv").read_bytes()
AWS_LIST = (EXAMPLES / "aws-list/list.html").read_bytes()
AWS_DETAIL = (EXAMPLES / "aws-detail/MPI-pub-2026100001.html").read_bytes()
FEED = (EXAMPLES / "feed/atom.xml").read_bytes()
LIST = (EXAMPLES / "atexo-list/cards.html").read_bytes()
DETAIL = (EXAMPLES / "atexo-detail/page-2026.html").read_bytes()
PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body>Service indisponible</body></html>"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><ContractNotice>&c;</ContractNotice>"""
BOMB_16 = BOMB.decode().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
DEEP_XML = b"<ContractNotice>" + b"<a>" * 200 + b"</a>" * 200 + b"</ContractNotice>"
DEEP_JSON = '{"EFORMS":{"ContractNotice":' + '{"a":' * 500 + "1" + "}" * 502
RECORD = json.loads(JSON)
LONG = "x" * 10_000_000
MANY = b" ".join(b"a%d=1" % n for n in range(200_000))  # the HTML parser took 97 seconds for them in one tag
HIDDEN_MANY = b'<script>if (a<b x="</script><p ' + MANY + b'">'


def record(**changes: object) -> bytes:
    return json.dumps({**RECORD, **changes}).encode()


BODIES = {
    "atexo-detail": DETAIL,
    "atexo-list": LIST,
    "aws-detail": AWS_DETAIL,
    "aws-list": AWS_LIST,
    "boamp": JSON,
    "boamp-daily": CSV,
    "eforms": XML,
    "feed": FEED,
}

BROKEN = [
    ("atexo-list", "nothing", b"", "empty"),
    ("atexo-list", "another page", PAGE, "no list of consultations: a page named '503'"),
    ("atexo-list", "thirteen bytes of a 403", b"403 Forbidden", "no page of HTML: '403 Forbidden'"),
    ("atexo-list", "the page of a consultation", DETAIL, "no list of consultations: the page asks for a login"),
    ("atexo-list", "cut off", LIST[: len(LIST) // 2], "cut off"),
    ("atexo-list", "another encoding", LIST.decode().encode("cp1252"), "not UTF-8"),
    ("atexo-list", "a NUL byte", LIST.replace(b"Tilleuls", b"Til\0leuls"), "a NUL byte"),
    ("atexo-list", "nested deep", LIST.replace(b"<nav>", b"<nav>" + b"<div>" * 5_000), "Excessive depth"),
    ("atexo-list", "a page beyond measure", LIST + LONG.encode(), "at most 8,000,000"),
    ("atexo-list", "a tag of 200,000 attributes", LIST + b"<p " + MANY + b">", "attributes"),
    ("atexo-list", "such a tag behind a script", LIST + HIDDEN_MANY, "attributes"),
    ("atexo-list", "other rows", LIST.replace(b"item_consultation", b"card"), "the page says 12 results"),
    ("atexo-list", "rows without keys", LIST.replace(b"Cons", b"Kons").replace(b"consultation/", b"c/"), "10 rows and"),
    ("atexo-detail", "nothing", b" \n", "empty"),
    ("atexo-detail", "another page", PAGE, "neither title nor object): '503'"),
    ("atexo-detail", "a list", LIST, "no page of a consultation"),
    ("atexo-detail", "cut off", DETAIL[:-20], "cut off"),
    ("atexo-detail", "a NUL byte", DETAIL.replace(b"Tilleuls", b"Til\0leuls"), "a NUL byte"),
    ("atexo-detail", "a title of 7 MB", DETAIL.replace(b"Tilleuls", LONG[:7_000_000].encode(), 1), "a text of 7,000"),
    ("atexo-detail", "no consultation", DETAIL.replace(b"orgAcronyme", b"org"), "no consultation id"),
    ("atexo-detail", "an unknown type", DETAIL.replace(b"Annonce de", b"Annonce sans"), "unknown type of notice"),
    ("atexo-detail", "a deadline of words", DETAIL.replace(b"30/04/2026 17:00", b"bientot"), "no single date"),
    ("aws-list", "nothing", b"", "empty"),
    ("aws-list", "another page", PAGE, "no list of notices"),
    ("aws-list", "a notice", AWS_DETAIL, "a notice, not a list"),
    ("aws-list", "a cut page", AWS_LIST[: len(AWS_LIST) // 2], "cut off"),
    ("aws-list", "another encoding", AWS_LIST.replace("é".encode(), "é".encode("latin-1")), "not UTF-8"),
    ("aws-list", "no HTML", b'{"error": "no"}', "not HTML"),
    ("aws-list", "too big", b"<p>" + LONG.encode(), "a page of 10,000,003 bytes"),
    ("aws-list", "nested deep", b"<div>" * 100_000, "cannot be read to its end"),
    ("aws-list", "a tag of 200,000 attributes", b"<p " + MANY + b">", "attributes"),
    ("aws-list", "such a tag behind a script", HIDDEN_MANY, "attributes"),
    ("aws-list", "comments without end", b"<p>" + b"<!--" * 400_000, "no list of notices"),
    (
        "aws-list",
        "a page that says 8 and shows none",
        AWS_LIST.replace(b'"entity"', b'"x"'),
        "an empty page: it says 6",
    ),
    ("aws-detail", "nothing", b" ", "empty"),
    ("aws-detail", "another page", PAGE, "no notice of AWS"),
    ("aws-detail", "a list", AWS_LIST, "no notice of AWS"),
    ("aws-detail", "a cut page", AWS_DETAIL[: len(AWS_DETAIL) // 2], "cut off"),
    ("aws-detail", "a tag of 200,000 attributes", b"<p " + MANY + b">", "attributes"),
    ("feed", "nothing", b"", "empty"),
    ("feed", "a web page", PAGE, "HTML"),
    ("feed", "a JSON error", b'{"error": "no"}', "not XML"),
    ("feed", "cut off", FEED[: len(FEED) // 2], "not XML"),
    ("feed", "another encoding", FEED.replace("ô".encode(), "ô".encode("latin-1")), "not XML"),
    ("feed", "an encoding nobody knows", FEED.replace(b"UTF-8", b"EBCDIC-42"), "not XML"),
    ("feed", "an entity bomb", BOMB, "DOCTYPE"),
    ("feed", "an entity bomb in UTF-16", BOMB_16, "DOCTYPE"),
    ("feed", "a file fetched by an entity", BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/hosts"'), "DOCTYPE"),
    ("feed", "an entity without DTD", FEED.replace(b"Bois", b"&nbsp;"), "not XML"),
    ("feed", "nested without end", b"<rss>" + b"<a>" * 200_000, "not XML"),
    ("feed", "too big", b"<rss>" + LONG.encode() * 2 + b"</rss>", "a feed of 20,000,011 bytes"),
    ("feed", "another root", b"<ContractNotice/>", "no feed"),
    ("feed", "an Atom root of another namespace", b"<feed><entry/></feed>", "no feed"),
    ("boamp", "nothing", b"", "empty"),
    ("boamp", "white space", b" \n\t ", "empty"),
    ("boamp", "a web page", PAGE, "HTML"),
    ("boamp", "cut off", JSON[: len(JSON) // 2], "cut off"),
    ("boamp", "another encoding", record(objet="Été").decode("unicode-escape").encode("latin-1"), "not UTF-8"),
    ("boamp", "a NUL byte", JSON.replace(b"GYMNASE", b"GYM\0NASE"), "not JSON"),
    ("boamp", "nested without end", b"[" * 100_000 + b"]" * 100_000, "not JSON"),
    ("boamp", "no object", b"42", "no record"),
    ("boamp", "another platform's record", b'{"id": "1", "title": "x"}', "no idweb"),
    ("boamp", "a title of 10 MB", record(objet=LONG), "a title of 10,000,000"),
    ("boamp", "an inner JSON cut off", record(donnees='{"MAPA": {"organ'), "donnees is no JSON"),
    (
        "boamp",
        "an inner JSON nested deep",
        record(donnees=DEEP_JSON),
        "deeper",
    ),
    ("boamp", "an unknown form", record(donnees='{"F02_2014": {}}'), "unknown donnees root 'F02_2014'"),
    ("boamp", "a title of control characters", record(objet="\u0000\u0001\u200b\ufeff"), "no title"),
    ("boamp-daily", "nothing", b"", "empty"),
    ("boamp-daily", "a web page", PAGE, "HTML"),
    ("boamp-daily", "another table", b"a,b,c\n1,2,3\n", "not a daily file"),
    ("boamp-daily", "another encoding", CSV.replace(b"voirie", "été".encode("cp1252")), "not UTF-8"),
    ("boamp-daily", "a row cut off", CSV[:-30], "columns"),
    ("boamp-daily", "a quote that never ends", CSV.replace(b"Programme", b'"Programme'), "columns"),
    ("eforms", "nothing", b"", "empty"),
    ("eforms", "a web page", PAGE, "HTML"),
    ("eforms", "a JSON error", b'{"error": "no"}', "not XML"),
    ("eforms", "cut off", XML[: len(XML) // 2], "not XML"),
    ("eforms", "another encoding", XML.replace("Réfection".encode(), "Réfection".encode("latin-1")), "not XML"),
    ("eforms", "an encoding nobody knows", XML.replace(b"UTF-8", b"EBCDIC-42"), "not XML"),
    ("eforms", "an entity bomb", BOMB, "DOCTYPE"),
    (
        "eforms",
        "an entity bomb in UTF-16",
        BOMB_16,
        "DOCTYPE",
    ),
    ("eforms", "a file fetched by an entity", BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/hosts"'), "DOCTYPE"),
    ("eforms", "a title of 1 MB", XML.replace(b"Tilleuls", LONG[:1_000_000].encode(), 1), "a title of 1,000,0"),
    ("eforms", "nested deep", DEEP_XML, "deeper"),
    ("eforms", "nested without end", DEEP_XML.replace(b"<a>" * 200, b"<a>" * 90_000), "not XML"),
    ("eforms", "a title of 10 MB", XML.replace("Réfection des toitures".encode(), LONG.encode()), "Text node too long"),
    ("eforms", "a NUL byte", XML.replace(b"Tilleuls", b"Til\0leuls"), "not XML"),
    ("eforms", "another root", b"<feed><entry/></feed>", "'feed' is no procurement notice"),
    ("eforms", "a whole notice without content", b"<ContractNotice/>", "no title"),
]


@pytest.mark.parametrize(("name", "what", "body", "reason"), BROKEN, ids=[f"{row[0]}: {row[1]}" for row in BROKEN])
def test_a_broken_body_is_refused_with_one_line_that_says_why(name: str, what: str, body: bytes, reason: str) -> None:
    start = time.monotonic()
    items = list(FORMATS[name].read(body, what))
    assert time.monotonic() - start < 5
    assert len(items) == 1 and isinstance(items[0], Refusal), items
    assert reason in items[0].reason
    assert "\n" not in items[0].reason and len(items[0].reason) < 400


def test_there_are_at_least_twenty_broken_bodies_and_each_format_has_its_own() -> None:
    assert len(BROKEN) >= 20 and {row[0] for row in BROKEN} == set(FORMATS)


def test_the_rest_of_a_batch_goes_on_after_a_broken_record() -> None:
    bad = {**RECORD, "idweb": "24-990050", "donnees": "{"}
    good = {**RECORD, "idweb": "24-990051"}
    first, second, third = FORMATS["boamp"].read(json.dumps({"results": [bad, 7, good]}).encode(), "")
    assert isinstance(first, Refusal) and first.where == "24-990050"
    assert isinstance(second, Refusal) and second.where == "row 2"
    assert not isinstance(third, Refusal) and third.source_id == "24-990051"


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_cut_anywhere_never_raises(name: str) -> None:
    body = BODIES[name]
    for end in range(0, len(body), max(1, len(body) // 150)):
        for item in FORMATS[name].read(body[:end], "cut"):
            assert isinstance(item, Refusal) or item.title


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_with_a_byte_changed_anywhere_never_raises(name: str) -> None:
    body = BODIES[name]
    for at in range(0, len(body), max(1, len(body) // 300)):
        for byte in (b"\0", b"<", b'"', b"\xff", b"9"):
            list(FORMATS[name].read(body[:at] + byte + body[at + 1 :], "changed"))
