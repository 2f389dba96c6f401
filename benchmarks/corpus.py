"""Invented tenders by the million, the same for everybody: words as frequent as in real titles, places, codes, dates.

The words are those of the official CPV labels in French, drawn by rank (the hundredth word is a hundredth as frequent
as the first), with a long tail of made-up names; titles of 6 to 14 words, descriptions of 20 to 60, up to five lots.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from indexer.analysis import words
from indexer.merge import merge
from tenders.codes import Cpv, Department
from tenders.model import Buyer, Lot, Money, Nature, Notice, NoticeKind, Procedure, Tender
from tenders.reference import cpv_labels

_FIRST = datetime(2023, 11, 1, 8, 0, tzinfo=UTC)
_A_DAY = 1_075  # tenders: about what BOAMP and TED bring together; a million in two and a half years
_SYLLABLES = "ba cha dor fla gué jou lan mer nor pla qui rel sau tre vil zan mont roc val clo".split()
REGIONS = "FRC1 FRC2 FRK1 FRK2 FRE1 FRF1 FRF2 FRG0 FRH0 FRI1 FRJ2 FRL0 FR10 FRB0 FRD1".split()
DIVISIONS = "45 71 90 33 50 79 72 34 30 48 15 80 77 39 44".split()


def now(number: int) -> datetime:
    """The moment at which a tender of this number has just arrived: they come in the order of time."""
    return _FIRST + timedelta(days=number // _A_DAY)


def _ranked(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


class Corpus:
    """The vocabulary and the tenders of one seed."""

    def __init__(self, seed: int = 1) -> None:
        draw = random.Random(seed)
        labels = cpv_labels("fr")
        seen = dict.fromkeys(word for label in labels.values() for word in words(label) if len(word) > 3)
        self.common = list(seen)
        draw.shuffle(self.common)
        self.tail = ["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))) for _ in range(30_000)]
        self.codes = [Cpv(code) for code in labels if code[:2] in DIVISIONS]
        self._weights = _ranked(len(self.common))
        self._tail_weights = _ranked(len(self.tail))
        self._buyers = [f"Commune de {name.capitalize()}" for name in dict.fromkeys(self.tail[:12_000])]
        self._departments = [Department(f"{n:02}") for n in range(1, 96) if n != 20]

    def text(self, draw: random.Random, count: int) -> str:
        """Return a text of so many words."""
        picked = draw.choices(self.common, cum_weights=self._weights, k=count)
        picked[draw.randrange(count)] = draw.choices(self.tail, cum_weights=self._tail_weights)[0]
        return " ".join(picked)

    def tenders(self, first: int, last: int) -> Iterator[Tender]:
        """Give the tenders numbered `first` to `last`, both included; a number always gives the same tender."""
        for number in range(first, last + 1):
            draw = random.Random(number)
            yield replace(merge([self._notice(draw, number)]), version=number, seq=number, revision=1)

    def _notice(self, draw: random.Random, number: int) -> Notice:
        arrived = now(number)
        published, closes = arrived.date(), arrived + timedelta(days=draw.randint(15, 60), hours=draw.randint(0, 9))
        code, place = draw.choice(self.codes), draw.choice(self._departments)
        return Notice(
            source="boamp",
            source_id=f"26-{number}",
            kind=draw.choice((NoticeKind.COMPETITION,) * 8 + (NoticeKind.RESULT, NoticeKind.CANCELLATION)),
            title=self.text(draw, draw.randint(6, 14)),
            language="fr",
            description=self.text(draw, draw.randint(20, 60)),
            nature=draw.choice(tuple(Nature)),
            procedure=draw.choice((Procedure.OPEN, Procedure.ADAPTED, Procedure.ADAPTED, Procedure.NEGOTIATED)),
            reference=f"{published.year}-{number % 997:03}",
            buyer=Buyer(name=draw.choice(self._buyers), type=draw.choice(("la", "ra", "body-pl-la"))),
            cpv=(code,),
            places=(place.nuts,) if place.nuts else (),
            departments=(place,),
            published=published,
            deadline=closes,
            value=Money(Decimal(draw.randint(5, 5000) * 1000)) if draw.random() < 0.4 else None,
            lots=tuple(
                Lot(id=f"LOT-{n:04}", title=self.text(draw, draw.randint(3, 7)), cpv=(code,))
                for n in range(draw.choice((0, 0, 0, 2, 3, 5)))
            ),
        )

    def queries(self, size: int, count: int) -> list[tuple[str, str]]:
        """Return `count` rounds of twenty shapes of search in so many tenders, as (shape, URL form)."""
        draw = random.Random(size)
        return [shape for _ in range(count) for shape in self._shapes(draw, size)]

    def _shapes(self, draw: random.Random, size: int) -> list[tuple[str, str]]:
        def common(count: int = 1) -> str:
            return " ".join(draw.choices(self.common[:400], k=count))

        def under(width: int, count: int) -> str:
            return "".join(f"&cpv={code[:width]}" for code in draw.sample(self.codes, count))

        def in_(count: int) -> str:
            return "".join(f"&nuts={code}" for code in draw.sample(REGIONS, count))

        def day(low: float, high: float) -> str:
            return (_FIRST + draw.uniform(low, high) * (now(size) - _FIRST)).date().isoformat()

        phrase = " ".join(draw.choices(self.common[:40], k=2))
        return [
            ("one word", f"q={common()}"),
            ("one rare word", f"q={draw.choice(self.tail[200:])}"),
            ("two words", f"q={common(2)}"),
            ("three words", f"q={common(3)}"),
            ("four alternatives", f"q={common(4).replace(' ', ' OU ')}"),
            ("two alternatives", f"q={common(2).replace(' ', ' OU ')}"),
            ("phrase", f'q="{phrase}"'),
            ("beginning", f"q={draw.choice(self.common[:400])[: draw.randint(4, 6)]}*"),
            ("word in a division", f"q={common()}{under(2, 1)}"),
            ("word, two classes, places, dates", f"q={common()}{under(4, 2)}{in_(2)}&deadline_after={day(0, 0.3)}"),
            ("two words in places", f"q={common(2)}{in_(3)}"),
            ("classes in places by deadline", f"{under(3, 2)[1:]}{in_(2)}&sort=deadline"),
            ("from a day by deadline", f"deadline_after={day(0.2, 0.95)}&sort=deadline"),
            ("divisions, newest first", under(2, 3)[1:]),
            ("word, newest first", f"q={common()}&sort=-seq"),
            ("word from a day by deadline", f"q={common()}&deadline_after={day(0.2, 0.95)}&sort=deadline"),
            ("procedure, nature, places, newest first", f"procedure=adapted&nature=works{in_(2)}"),
            ("alternatives but a word", f"q={common(4).replace(' ', ' OU ')} -{common()}{under(2, 1)}"),
            ("phrase in divisions", f'q="{phrase}"{under(2, 2)}'),
            ("all, newest first", ""),
        ]

    def pages(self, size: int, count: int) -> list[str]:
        """Return searches as a first results page makes them."""
        draw = random.Random(size)
        shapes = (self._shapes(draw, size) for _ in range(count))
        return [shape[number % 4 * 4][1] for number, shape in enumerate(shapes)]

    def narrowed(self, size: int, count: int) -> list[str]:
        """Return searches with three facets chosen and a word: each facet is counted without its own filter."""
        draw = random.Random(size)
        return [
            f"q={draw.choice(self.common[:400])}"
            + "".join(f"&cpv={division}" for division in draw.sample(DIVISIONS[:6], 2))
            + "".join(f"&nuts={region}" for region in draw.sample(REGIONS, 3))
            + "".join(f"&nature={nature}" for nature in draw.sample(list(Nature), 2))
            for _ in range(count)
        ]
