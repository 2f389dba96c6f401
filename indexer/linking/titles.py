"""Whether two titles of one buyer name one contract: the same, a typo, a few words more on one side, or another.

Similarity alone is wrong most of the time: sister contracts differ by one word or one number. So every difference
must be explained, and what tells sisters apart (number, kind of service, negation, relaunch) refuses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import dropwhile

from rapidfuzz.distance import OSA

from indexer.analysis import words

CUT_AT = 170  # characters; a longer title may have been cut by its source
# Said around a title, not part of it. Sample: "Rectificatif - Travaux de voirie (annulation)".
_MARKS = re.compile(
    r"\b(?:avis )?(?:d |de |du |en )?(?:attribution|attribue|rectificatif|rectificative|rectification|annulation|"
    r"annule|modificatif|modificative|resultat|erratum)s?\b(?: n(?:o|umero)? ?\d{1,2}\b)?"
    r"(?: (?:de |du |des )?marches?)?(?: publics?)?"
    r"|^avis (?:de |d )?(?:marche|appel (?:public )?a (?:la )?concurrence|appel offres?|publicite)\b"
)
# An "oe" lost on the way leaves "maitrise d uvre", "ouvre" or "1/2uvre"; a saint is often a "st".
_SPELLINGS = ((re.compile(r"\b(?:1 [24])?o?uvre\b"), "oeuvre"), (re.compile(r"\bst(?=e?\b)"), "saint"))
_FREE = frozenset(
    "a ainsi au aux avec ce ces cet cette d dans de des du en et l la le les leur leurs ou par pour sa ses son sur un "
    "une y the of and for in marche marches ao aoo mapa".split()
)
# Words with which many titles begin: they tell nothing apart where a title is found by its first or last words.
_USUAL = frozenset(
    "accord accords appel achat achats acquisition amenagement assistance bons cadre candidature candidatures "
    "commande commandes commune "
    "construction consultation entretien fourniture fournitures livraison lot lots maintenance maitrise marche marches "
    "mise mission missions numero objet oeuvre operation ouvrage place pose prestation prestations procedure projet "
    "public publics realisation refection rehabilitation relatif relative relatifs relatives renovation service "
    "services site sites travaux ville".split()
)
_SERVICES = {
    "moe": r"maitri?se? (?:d )?(?:oe?)?uvre|moe|maitre (?:d )?oeuvre",
    "amo": r"assistance (?:a )?(?:la )?maitrise (?:d )?ouvrage|amo|assistant (?:a )?(?:la )?maitrise"
    r"|conduite d?operation",
    "opc": r"opc|ordonnancement",
    "sps": r"c?sps|coordination (?:en )?(?:matiere )?(?:de )?(?:la )?securite|coordonnateur|coordonateur",
    "control": r"controles? techniques?|controleur technique|bureau de controle|ct",
    "insurance": r"assurances?|assureur|dommages? ouvrages?",
    "study": r"etudes?|diagnostics?|geotechniques?|topographiques?|audit",
}
_SERVICE = re.compile(r"\b(?:" + "|".join(f"(?P<{name}>{words_})" for name, words_ in _SERVICES.items()) + r")\b")
_OPPOSITES = frozenset(
    "sans hors non sauf excepte exclusion nord sud est ouest haut haute bas basse interieur exterieur interne externe "
    "fixe mobile neuf ancien".split()
)
_NO_LIMIT = re.compile(r"\bsans (?:suite|(?:montant )?(?:minimum|maximum))\b")  # says nothing of what is bought
_RELAUNCH = re.compile(
    r"\b(?:relances?|relancement|relancee?s?|infructu\w+|sans suite|(?:2|2e|2eme|deuxieme|seconde|nouvelle) "
    r"(?:consultation|procedure)|suite a resiliation)\b"
)
# What stands in a longer title and may part it from its sister: "lot 2", "phase A", a year alone.
_SISTER = re.compile(
    r"\b(?:lots?|tranches?|phases?|zones?|secteurs?|sites?|ilots?|batiments?|niveaux?|niveau|cat|categories?|volets?|"
    r"parties?|etapes?|programmes?) (?:no?|numero )?(?!(?:d|de|des|du|en|et|la|le|les|au|aux|sur|par|a bons?)\b)"
    r"\w{1,3}\b|^(?:19|20)\d\d$|\b(?:annees?|exercices?) \d"
)
_CODE = re.compile(r"(?=.*[a-z])(?=(?:.*\d){2})\w{5,}")
_LEADING = re.compile(r"\d{2,4}[a-z]+\d{2,}[a-z]?")  # a road's number begins with a letter
_REFERENCE = 5  # letters of a title that is a reference; a year alone is none
_PIECES = 3
_DIGITS = re.compile(r"\d+")
_GLUED = 30  # letters of a title in which words may run into one another
_FEW_LETTERS = 12
_INITIALS = 6  # letters of the longest initials that stand for words: "dsp", "ccas"
_SWAP = 2
_SLIPS = 6  # words of one side that may all be slips; where both sides have more, the titles are others
_ROMAN = frozenset("i ii iii iv v vi vii viii ix x".split())


class Likeness(StrEnum):
    """How two titles are alike, best first."""

    SAME = "same"
    TYPO = "typo"
    EXTRA = "extra"  # words more on one side only
    OTHER = "other"


@dataclass(frozen=True)
class Title:
    """A title as it is compared: folded, without what says only which act the notice is.

    What tells sisters apart is read when it is asked for: most titles are compared with none, or with their like.
    """

    text: str
    cut: bool  # long enough that its source may have cut it

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The title word by word."""
        return tuple(self.text.split())

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers, and letters that stand alone as numbers do."""
        return frozenset(_numbers(self.words))

    @cached_property
    def codes(self) -> frozenset[str]:
        """References, such as 19n0921; they part two titles only where both have one."""
        return frozenset(word for word in self.words if _CODE.fullmatch(word))

    @cached_property
    def services(self) -> frozenset[str]:
        """The kinds of service it names, such as moe."""
        return frozenset(str(found.lastgroup) for found in _SERVICE.finditer(self.text))

    @cached_property
    def opposites(self) -> frozenset[str]:
        """Words that exclude or oppose."""
        return _OPPOSITES.intersection(_NO_LIMIT.sub("", self.text).split())

    @cached_property
    def relaunch(self) -> bool:
        """Whether it says that an earlier procedure is taken up again."""
        return _RELAUNCH.search(self.text) is not None


@lru_cache(maxsize=1 << 16)
def read_title(title: str) -> Title:
    """Fold a title and cut what says only which act the notice is."""
    folded = " ".join(words(title))
    for pattern, spelling in _SPELLINGS:
        folded = pattern.sub(spelling, folded)
    return Title(" ".join(_MARKS.sub(" ", folded).split()) or folded, cut=len(title) >= CUT_AT)


def without_relaunch(title: Title) -> Title:
    """Return a title as it would stand without the words that say that its contract is put out again."""
    if not title.relaunch:
        return title
    rest = dropwhile(_FREE.__contains__, _RELAUNCH.sub(" ", title.text).split())
    return Title(" ".join(rest), title.cut)


def read_reference(title: Title) -> str:
    """Return the reference that a title is, or begins with: "2021-045", "20V0706 - Achat de coupes"; else nothing."""
    whole = "".join(title.words)
    if len(whole) >= _REFERENCE and len(title.words) <= _PIECES and sum(map(str.isdigit, whole)) >= len(whole) / 2:
        return whole
    first = title.words[0] if title.words else ""
    return first if _LEADING.fullmatch(first) else ""


def clean_title(title: str) -> str:
    """Fold a title and cut what says only which act the notice is."""
    return read_title(title).text


def telling(words_: Iterable[str]) -> tuple[str, ...]:
    """Return the words that may tell one title from another."""
    return tuple(word for word in words_ if word not in _FREE and word not in _USUAL)


def _numbers(parts: Iterable[str]) -> Iterator[str]:
    for word in parts:
        if word in _ROMAN or (len(word) == 1 and word.isalpha() and word not in _FREE and word != "t"):
            yield word
        elif not word.isalpha() and not _CODE.fullmatch(word):
            yield from (number.lstrip("0") or "0" for number in _DIGITS.findall(word))


def compare(one: Title, other: Title) -> tuple[Likeness, str]:
    """Say how two titles are alike, and what differs: the words of a typo, the words more, or what refuses."""
    if one.text == other.text:
        return Likeness.SAME, ""
    short, long = sorted((one, other), key=lambda title: len(title.text))
    if short.cut and long.text.startswith(short.text):
        return Likeness.SAME, ""
    if more := _around(short, long):
        return (Likeness.OTHER, f"numbers: {more} / -") if _SISTER.search(more) else (Likeness.EXTRA, more)
    if veto := _veto(one, other):
        return Likeness.OTHER, veto
    if short.text.replace(" ", "") == long.text.replace(" ", ""):
        return Likeness.SAME, ""
    return _compare_words(short, long)


def _compare_words(short: Title, long: Title) -> tuple[Likeness, str]:
    here, there = _bare(short.words, long.words), _bare(long.words, short.words)
    if not short.codes or not long.codes:
        here, there = ([word for word in side if not _CODE.fullmatch(word)] for side in (here, there))
    slips = 0 < len(here) <= _SLIPS or 0 < len(there) <= _SLIPS
    mended = _mend(here, there) if here and there and slips else ""
    if here and there:
        differs = f"{' '.join(here)} / {' '.join(there)}"
        return (Likeness.TYPO if len(here) != len(there) and _is_glued(short, long) else Likeness.OTHER), differs
    if not here and not there:
        return Likeness.TYPO, mended
    more = " ".join(here or there)
    return (Likeness.EXTRA if _enough(set(short.words) & set(long.words)) else Likeness.OTHER), more


def _is_glued(one: Title, other: Title) -> bool:
    """Whether two titles are one in which words ran into one another."""
    mine, theirs = one.text.replace(" ", ""), other.text.replace(" ", "")
    return len(mine) >= _GLUED and OSA.distance(mine, theirs, score_cutoff=2) <= 2


def _around(short: Title, long: Title) -> str:
    """Return what stands before and after the whole of a shorter title in a longer one, or nothing."""
    before, found, after = f" {long.text} ".partition(f" {short.text} ")
    if not found or not _enough(short.words) or short.relaunch != long.relaunch:
        return ""
    if (short.services ^ long.services) or (short.opposites ^ long.opposites):
        return ""
    return f"{before} {after}".strip()


def _enough(common: Iterable[str]) -> bool:
    """Whether the words that two titles share say what the contract is."""
    tell = [word for word in common if word not in _FREE]
    return len(tell) >= 2 and len(" ".join(tell)) >= _FEW_LETTERS


def _veto(one: Title, other: Title) -> str:
    """Return what tells the two apart whatever else they share, or nothing."""
    for name in ("numbers", "opposites", "services"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine != theirs:
            return f"{name}: {' '.join(sorted(mine - theirs)) or '-'} / {' '.join(sorted(theirs - mine)) or '-'}"
    if one.codes and other.codes and not any(_is_typo(mine, theirs) for mine in one.codes for theirs in other.codes):
        return f"numbers: {' '.join(sorted(one.codes))} / {' '.join(sorted(other.codes))}"
    return "relaunch" if one.relaunch != other.relaunch else ""


def _bare(here: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return the words of one title that the other has not, those that say nothing left out."""
    return [word for word in (Counter(here) - Counter(there)).elements() if word not in _FREE]


def _mend(here: list[str], there: list[str]) -> str:
    """Take out of both sides what is one word with a typo, or the initials of the other side's; returns the pairs."""
    mended = []
    for word in tuple(here):
        twin = next((other for other in there if _is_typo(word, other)), None)
        if twin is not None:
            here.remove(word)
            there.remove(twin)
            mended.append(f"{word}/{twin}")
    for short, long in ((here, there), (there, here)):
        for word in tuple(short):
            initials = "".join(other[0] for other in long)
            at = initials.find(word) if 2 <= len(word) <= _INITIALS else -1
            if at >= 0:
                short.remove(word)
                mended.append(f"{word}/{' '.join(long[at : at + len(word)])}")
                del long[at : at + len(word)]
    return " ".join(mended)


def share(one: Title, other: Title) -> float:
    """Return how much of the shorter title's telling words the other has, 0 to 1."""
    mine, theirs = (set(telling(title.words)) or set(title.words) for title in (one, other))
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def is_swap(one: Title, other: Title) -> bool:
    """Whether two titles differ by a word or two on both sides, as those of sister contracts do."""
    here, there = _bare(one.words, other.words), _bare(other.words, one.words)
    return 0 < len(here) <= _SWAP and 0 < len(there) <= _SWAP


def _is_typo(one: str, other: str) -> bool:
    """Whether two words are one: a slip of the hand, not another word nor another number."""
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    shorter = min(len(one), len(other))
    if shorter < 4:
        return one.rstrip("s") == other.rstrip("s")
    most = 1 if shorter < 8 else 2
    return OSA.distance(one, other, score_cutoff=most) <= most and one[0] == other[0]
