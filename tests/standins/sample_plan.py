"""The invention: procedures and their notices from a seed; every form and act comes in any 60 of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from tenders.codes import Department
from tests.standins.sample_facts import Act, Facts, Form, LotFacts, Organisation, Won
from tests.standins.sample_trade import Trade
from tests.standins.sample_words import BUYERS, SITES, SIZES, SUPPLIERS, TOWNS, TRADES

# form, the acts of one procedure in their order
SCRIPTS: Final[tuple[tuple[Form, tuple[Act, ...]], ...]] = (
    ("EFORMS", ("call",)),
    ("MAPA", ("call",)),
    ("FNSimple", ("call",)),
    ("EFORMS", ("call", "change")),
    ("MAPA", ("call", "change")),
    ("FNSimple", ("call", "change")),
    ("EFORMS", ("call",)),
    ("MAPA", ("call",)),
    ("EFORMS", ("call", "award")),
    ("FNSimple", ("call", "cancel")),
    ("MAPA", ("call", "award")),
    ("EFORMS", ("planning", "call")),
    ("FNSimple", ("call",)),
    ("MAPA", ("call",)),
    ("EFORMS", ("call",)),
    ("EFORMS", ("call", "cancel")),
    ("FNSimple", ("call", "change")),
    ("DSP", ("call",)),
    ("MAPA", ("call",)),
    ("EFORMS", ("call", "change", "change")),
    ("FNSimple", ("call", "award")),
    ("EFORMS", ("direct-award",)),
    ("MAPA", ("call", "cancel")),
    ("FNSimple", ("call",)),
    ("EFORMS", ("planning",)),
    ("ARCHIVE", ("call",)),
    ("MAPA", ("call",)),
    ("EFORMS", ("call",)),
    ("EFORMS", ("award",)),
    ("FNSimple", ("call",)),
    ("EFORMS", ("award", "modification")),
    ("MAPA", ("call",)),
    ("DIVERS", ("call",)),
    ("EFORMS", ("call",)),
    ("ARCHIVE", ("award",)),
    ("FNSimple", ("call",)),
)
_ZONES: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "976": "Indian/Mayotte",
}
_HOURS: Final = (time(12), time(12), time(16), time(17, 30), time(9), time(23, 59))
_ARCHIVE_YEARS: Final = 3  # the form that ended with 2023 comes from then


def _check_digit(body: str) -> str:
    """Return the digit that makes body + digit pass Luhn's test."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def invented_siret(random: Random) -> str:
    """Return a SIRET that passes every check and that nobody has: no real one begins with 000."""
    siren = f"000{random.randrange(1, 100_000):05d}"
    siren += _check_digit(siren)
    body = f"{siren}{random.randrange(1, 99):04d}"
    return body + _check_digit(body)


def _of(town: str) -> str:
    for article, contracted in (("Les ", "des "), ("Le ", "du ")):
        if town.startswith(article):
            return contracted + town.removeprefix(article)
    return f"d'{town}" if town[0] in "AEIOUYÉÈH" else f"de {town}"


def _unaccented_capitals(text: str) -> str:
    """Write as many portals do: ``RÉFECTION DE L’ÉCOLE`` without its accents."""
    table = str.maketrans("ÀÂÄÉÈÊËÎÏÔÖÙÛÜÇŒ’", "AAAEEEEIIOOUUUCO'")
    return text.upper().replace("Œ", "OE").translate(table)


def invent_buyer(random: Random, at: int) -> Organisation:
    """Return a buyer in one of the invented towns."""
    department, town, postcode = TOWNS[at % len(TOWNS)]
    pattern, kind = random.choice(BUYERS)
    name = pattern.format(of=_of(town), OF=_unaccented_capitals(_of(town)))
    if random.random() < 0.15 and not name.isupper():
        name += f" ({department})"
    return Organisation(
        name=name,
        id=invented_siret(random),
        town=_unaccented_capitals(town) if random.random() < 0.2 else town,
        postcode=postcode,
        department=department,
        nuts=str(Department(department).nuts),
        type=kind,
    )


def invent_supplier(random: Random) -> Organisation:
    """Return a winner."""
    department, town, postcode = random.choice(TOWNS)
    first, second, kind = (random.choice(words) for words in SUPPLIERS)
    return Organisation(
        name=f"{kind} {first} {second}" if random.random() < 0.5 else f"{first} {second} {kind}",
        id=invented_siret(random),
        town=town,
        postcode=postcode,
        department=department,
        nuts=str(Department(department).nuts),
        type=random.choice(SIZES),
    )


def _departments(random: Random, home: str) -> tuple[str, ...]:
    """Return where a notice is published: at home, now and then in some of the region too."""
    region = Department(home).region
    others = [str(code) for code in region.departments() if code != home] if region else []
    more = random.randrange(1, 5) if random.random() < 0.25 else 0
    return (home, *random.sample(others, min(more, len(others))))


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _title(random: Random, trade: Trade, lots: int) -> str:
    title = random.choice(trade.titles)
    if "{de}" in title:
        title = title.format(de=random.choice(SITES))
    roll = random.random()
    if roll < 0.04:
        title += " : relance après déclaration sans suite"
    elif lots > 1 and roll < 0.4:
        title += f" - {lots} lots"
    elif roll > 0.95:
        title += (
            ", comprenant les études d'exécution, la fourniture, la livraison, la mise en œuvre, les essais, "
            "la remise des "
            "documents des ouvrages exécutés et l'évacuation des déchets, en site occupé et sans "
            "interruption de service"
        )
    if random.random() < 0.15:
        return _unaccented_capitals(title)
    if random.random() < 0.25:
        return title.replace("'", "’")
    return title


def _deadline(random: Random, published: date, days: int, department: str) -> datetime:
    day = published + timedelta(days=days)
    day -= timedelta(days=max(0, day.weekday() - 4))  # nobody closes on a weekend
    zone = ZoneInfo(_ZONES.get(department, "Europe/Paris"))
    moment = datetime.combine(day, random.choice(_HOURS), zone)
    return datetime.fromisoformat(moment.isoformat())  # a plain offset instead of the zone's name


def _lots(random: Random, trade: Trade, total: int, form: Form) -> tuple[LotFacts, ...]:
    if not trade.lots or form == "DIVERS" or random.random() < 0.4:
        return ()
    share = total // len(trade.lots)
    return tuple(LotFacts(number, title, cpv, share) for number, (title, cpv) in enumerate(trade.lots, 1))


def _stated(random: Random, form: Form, total: int) -> int | None:
    """Return the estimated value where the form states one: MAPA forms never do, FNSimple and DSP now and then."""
    if form in ("MAPA", "DIVERS"):
        return None
    return total if form in ("EFORMS", "ARCHIVE") or random.random() < 0.4 else None


def _stamp(random: Random, form: Form, department: str) -> str:
    if form == "ARCHIVE":
        return "winter"
    if form in ("MAPA", "DIVERS", "DSP") and department not in _ZONES:
        return "naive"
    if form == "FNSimple":
        return random.choice(("offset", "offset", "fraction", *(("naive",) * (department not in _ZONES))))
    return "offset"


def first_notice(random: Random, number: int, form: Form, act: Act, published: date) -> Facts:
    """Invent a procedure by its first notice; the idweb is given once all notices are in order."""
    trade = TRADES[(number * 7 + random.randrange(7)) % len(TRADES)]
    buyer = invent_buyer(random, number * 5 + random.randrange(5))
    total = random.randrange(20, 90) * (1_000 if form in ("MAPA", "DIVERS") else 12_000)
    lots = _lots(random, trade, total, form)
    open_for = random.randrange(12, 30) if form in ("MAPA", "DIVERS") else random.randrange(22, 45)
    called = act == "call"
    deadline = _deadline(random, published, open_for, "" if form == "ARCHIVE" else buyer.department) if called else None
    if called and form == "DSP" and random.random() < 0.3:
        deadline = None
    stamp = _stamp(random, form, buyer.department)
    procedure = (
        "PROCEDURE_ADAPTE" if form in ("MAPA", "DIVERS") else random.choice(("OUVERT", "OUVERT", "OUVERT", "RESTREINT"))
    )
    if form == "FNSimple" and random.random() < 0.6:
        procedure = "PROCEDURE_ADAPTE"
    facts = Facts(
        idweb="",
        form=form,
        act=act,
        title=_title(random, trade, len(lots)),
        about=trade.about,
        nature=trade.nature,
        procedure="NEGOCIE" if act == "direct-award" else procedure,
        buyer=buyer,
        departments=_departments(random, buyer.department),
        published=published,
        display_until=deadline.date() if deadline else published + timedelta(days=60),
        deadline=deadline,
        stamp=stamp,  # type: ignore[arg-type]
        old_deadline=None,
        cpv=() if form in ("MAPA", "DIVERS") else trade.cpv,
        descriptors=trade.descriptors if random.random() < 0.8 else trade.descriptors[:1],
        lots=lots,
        value=_stated(random, form, total),
        won=(),
        earlier=(),
        earlier_notice="",
        folder=_uuid(random) if form == "EFORMS" else "",
        notice=_uuid(random),
        version=1,
        reference=f"{published.year}-{random.randrange(1, 400):03d}{random.choice(('', 'T', 'S', 'F', '_DAT'))}",
        green=trade.green and random.random() < 0.8,
        social=trade.social and random.random() < 0.8,
        framework=trade.nature != "works" and random.random() < 0.6,
        sme=random.random() < 0.5,
    )
    return _settle(random, facts) if act in ("award", "direct-award") else facts


def _settle(random: Random, facts: Facts) -> Facts:
    """Return the notice with its winners, a lot each, the price a little under the estimate."""
    day = facts.published - timedelta(days=random.randrange(5, 25))
    lots: list[LotFacts | None] = [*facts.lots] or [None]
    base = facts.value or 80_000
    bids = random.randrange(1, 9)  # a MAPA form states one number for all lots
    won = tuple(
        Won(
            lot.number if lot else None,
            invent_supplier(random),
            int((lot.value if lot and lot.value else base) * random.uniform(0.8, 1.05)),
            bids if facts.form == "MAPA" else random.randrange(1, 9),
            day,
        )
        for lot in lots
    )
    return replace(facts, won=won)


def follow(random: Random, before: Facts, act: Act, published: date, last: Facts) -> Facts:
    """Return the notice that follows in the same procedure: `before` names it, `last` changes least of it."""
    facts = replace(
        last,
        act=act,
        published=published,
        notice=_uuid(random),
        version=1,
        earlier=(before.idweb,),
        earlier_notice=f"{before.notice}-{before.version:02d}",
        old_deadline=last.deadline,
        won=last.won if act == "modification" else (),
    )
    if facts.form == "FNSimple":  # what follows a call repeats only its object
        facts = replace(facts, value=None, lots=facts.lots if act == "award" else ())
    if facts.form == "MAPA" and act == "cancel":
        facts = replace(facts, lots=())
    if act == "change" and last.deadline:
        later = last.deadline + timedelta(days=random.choice((7, 7, 14, 10)))
        stamps = {"FNSimple": random.choice(("changed", "told"))}
        stamp = stamps.get(facts.form, facts.stamp)
        return replace(facts, deadline=later, display_until=later.date(), stamp=stamp)  # type: ignore[arg-type]
    if act == "cancel":
        return replace(facts, display_until=published + timedelta(days=30))
    if act == "call":  # after its planning notice
        deadline = _deadline(random, published, 35, facts.buyer.department)
        return replace(facts, deadline=deadline, display_until=deadline.date(), old_deadline=None)
    settled = replace(facts, deadline=None, old_deadline=None, display_until=published + timedelta(days=60))
    return _settle(random, settled) if act == "award" else settled


@dataclass(frozen=True, slots=True)
class _Drawn:
    facts: Facts
    at: int
    before: int | None


def _dates(random: Random, today: date, form: Form, acts: tuple[Act, ...]) -> list[date]:
    """Return the days of a procedure's notices, the last ones near `today`; calls that were awarded are older."""
    if form == "ARCHIVE":
        first = date(today.year - _ARCHIVE_YEARS, 1 + random.randrange(12), 1 + random.randrange(28))
        return [first for _ in acts]
    last = today - timedelta(days=random.randrange(0, 4) if len(acts) > 1 else random.randrange(0, 16))
    days = [last]
    for act in reversed(acts[1:]):
        gap = random.randrange(80, 140) if act in ("award", "modification") else random.randrange(4, 9)
        days.append(days[-1] - timedelta(days=90 if acts[0] == "planning" else gap))
    return days[::-1]


def _draw(random: Random, count: int, today: date) -> Iterator[_Drawn]:
    at = number = 0
    while at < count:
        form, acts = SCRIPTS[number % len(SCRIPTS)]
        before: Facts | None = None
        for place, (act, day) in enumerate(zip(acts, _dates(random, today, form, acts), strict=True)):
            if at == count:
                return
            if before is None:
                before = first_notice(random, number, form, act, day)
            else:
                before = follow(random, before, act, day, before)
            yield _Drawn(before, at, at - 1 if place else None)
            at += 1
        number += 1


def invent(count: int, seed: int, today: date) -> list[Facts]:
    """Return `count` notices in the order of their publication, numbered as BOAMP does (year-number)."""
    random = Random(seed)
    drawn = sorted(_draw(random, count, today), key=lambda one: (one.facts.published, one.at))
    counters: dict[int, int] = {}
    numbers: dict[int, str] = {}
    for one in drawn:
        year = one.facts.published.year
        counters[year] = counters.get(year, 40_000) + random.randrange(1, 9)
        numbers[one.at] = f"{year % 100:02d}-{counters[year]}"
    return [
        replace(one.facts, idweb=numbers[one.at], earlier=() if one.before is None else (numbers[one.before],))
        for one in drawn
    ]
