"""A notice whose every text is an attack, and tenders that a store would never take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tenders.model import Award, Buyer, Document, Lot, Money, Nature, NoticeKind, Supplier, Tender, Translation
from tests.notices import notice
from tests.search_api.samples import moment

MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(1)> ]]> <!-- & {{ 7*7 }}"
TURNED = "facture \u202egnp.exe\u202c \u2066x\u2069"  # bidi: shows exe.png
BROKEN = "un\x00deux\x07\x1b[31m\r\nBEGIN:VEVENT\r\nSUMMARY:injecté\r\nEND:VEVENT\u2028trois\u2029\x85\ufffe"
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "a;=1+1",
    "a; \t@x",
)
LONG = '=HYPERLINK("http://evil.example") ' + "é" * 1_000_000
TEXT = f"{MARKUP} {TURNED} {BROKEN}"
SCRIPT = "javascript:alert(document.cookie)"

WORST = notice(
    "=26-1\r\nX: y",
    TEXT,
    url=SCRIPT,
    description=TEXT * 20,
    nature=Nature.SUPPLIES,
    reference="@" + TEXT,
    procedure_id=TEXT,
    buyer=Buyer(name="+" + TEXT, id="=" + TEXT, type="cga", town="-" + TEXT, postcode=TEXT, country="FR"),
    published=date(2026, 5, 20),
    value=Money(Decimal("-1.50")),
    documents=(Document(title=TEXT, url=SCRIPT), Document(title=TEXT, url="data:text/html,<script>alert(2)</script>")),
    lots=(Lot(id="<1>\r\nX: y", title=TEXT, description=TEXT),),
    awards=(Award(lot=TEXT, suppliers=(Supplier(name=TEXT, id=TEXT),)),),
    links={"boamp": SCRIPT},
    translations={"en": Translation(title=TEXT, description=TEXT)},
)
WORST_CHANGED = notice(
    "26-2",
    TEXT,
    kind=NoticeKind.CHANGE,
    supersedes=(WORST.source_id,),
    buyer=WORST.buyer,
    published=date(2026, 5, 21),
    deadline=moment("2026-06-20T12:00:00+02:00"),
    documents=(Document(title=LONG, url=SCRIPT),),
)
ENDLESS = notice("26-3", LONG, buyer=Buyer(name=LONG, town=LONG), reference=LONG)
RUN = tuple(notice(f"26-9{number:02}", formula, buyer=Buyer(name=formula)) for number, formula in enumerate(FORMULAS))
ALL = (WORST, WORST_CHANGED, ENDLESS, *RUN)


def lone_surrogate() -> Tender:
    """A tender whose texts are not even UTF-8; a store refuses its notice."""
    one = notice("1", "a\ud800b", buyer=Buyer(name="c\udfffd", town="\ud800"), reference="\ud800", description="\ud800")
    return Tender(
        id="1" * 16,
        notices=(one,),
        merged=one,
        cancelled=False,
        awarded=False,
        planned=False,
        provenance={},
        revision=1,
    )
