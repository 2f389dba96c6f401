"""A small model, trained in a few seconds on titles written for it: a real model, only that it knows little."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from indexer.cpv.learning.corpus import Corpus, Filed, Sorted
from indexer.cpv.learning.prepared import Prepared, prepare
from indexer.cpv.learning.proving import coarsen
from indexer.cpv.learning.training import train
from indexer.cpv.model import CpvModel
from indexer.cpv.pool import PoolRow
from indexer.cpv.text import fold
from indexer.cpv.tree import divisions
from tenders.codes import Cpv

# Words that go with a code, the descriptors under which such notices are filed.
TRADES = {
    "45261000": ("toiture couverture zinguerie charpente tuiles", ("87",)),
    "45310000": ("électricité courant éclairage tableau câblage", ("105",)),
    "90910000": ("nettoyage propreté ménage vitrerie entretien", ("239",)),
    "15800000": ("denrées alimentaires repas épicerie pain", ("88",)),
    "33600000": ("médicaments pharmacie vaccins antibiotiques perfusion", ("79",)),
    "71200000": ("architecte maîtrise d'œuvre conception plans projet", ("197",)),
    "66510000": ("assurance risques dommages flotte responsabilité", ("20",)),
}
PLACES = ("de l'école", "de la mairie", "du gymnase", "de l'hôpital", "du collège", "de la piscine")


def titles() -> list[tuple[str, str]]:
    """Return titles with their codes: every trade at every place, two words of the trade at a time."""
    return [
        (f"Marché {one} et {other} {place}", code)
        for (code, (words, _)), place in product(TRADES.items(), PLACES)
        for one, other in zip(words.split(), words.split()[1:], strict=False)
    ]


def corpus() -> Corpus:
    """Return the small world: each place is a buyer; labels are those of the trades' codes alone."""
    pool = [
        PoolRow(
            id=str(number),
            lang="fr",
            title=title,
            description=f"{title}. Prestations selon le cahier des charges, à compter du mois prochain."
            if number % 3
            else "",
            cpv_main=Cpv(code),
            cpv_additional=(),
            buyer=title.rpartition(" ")[2],
            source="written",
            kind="written",
        )
        for number, (title, code) in enumerate(titles())
    ]
    labels = {code: fold(Cpv(code).label("fr") or "") for code in TRADES}
    filed = [Filed(fold(title.replace("Marché", "Travaux")), TRADES[code][1]) for title, code in titles()]
    spanish = np.zeros(len(divisions()), np.float32)
    spanish[divisions().index("45")] = 1
    return Corpus(
        pool=pool,
        labels={"fr": labels},
        filed=filed,
        by_hand={codes[0]: Cpv(code).prefix[:3] for code, (_, codes) in TRADES.items()},
        spanish=[Sorted("obras de cubierta", spanish)],
    )


@cache
def prepared() -> Prepared:
    """Return the small world, laid out."""
    return prepare(corpus())


@cache
def model() -> CpvModel:
    """Return a model of all of it, as it is after it was written and read."""
    return coarsen(train(prepared(), np.arange(len(corpus().pool))))
