"""The page of one consultation of Atexo MPE (format ``atexo-detail``).

Captured pages (PLACE, 2020) prove the recap with its ids; they are pages of the download form, which repeat it. No
current page of a consultation was at hand: what 2024 to 2026 writes otherwise (labels beside their values,
``data-code-cpv``, "Valeur estimée", the tab of documents) is known from other readers' notes and is read by label. That
a picture ``pictConsultationAnnulee`` means a cancellation is known from its name and another reader only. Lots are
counted, not read: they stand in a pop-up of their own. Blocks that the page hides carry dummy content and are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml.html import HtmlElement

from crawlers.formats import Refusal
from crawlers.formats.atexo_labels import (
    UNNAMED,
    buyer_of,
    departments_of,
    fold,
    kind_of_list,
    kind_of_notice,
    lots_of,
    nature_of,
    procedure_of,
    source_of,
)
from crawlers.formats.atexo_links import documents_of, links_of
from crawlers.formats.atexo_page import is_detail
from crawlers.formats.atexo_tree import (
    absolute,
    by_suffix,
    consultation_of,
    drop_hidden,
    line,
    links,
    page_host,
    read_html,
)
from crawlers.formats.atexo_values import value_of, written_moment, zone_of
from crawlers.formats.text import clean_text, note_unread, title
from crawlers.formats.values import read_codes
from crawlers.formats.web_page import with_class
from tenders.codes import Cpv
from tenders.errors import Refused
from tenders.model import Buyer, Notice, NoticeKind, Strategic

# what we call a field -> the end of its id (2020), and the labels it may have (2020 to 2026)
FIELDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "deadline": (
        "dateHeureLimiteRemisePlis",
        ("date et heure limite de remise des plis", "date limite de remise des plis", "date limite"),
    ),
    "zone": ("libelleHeureLocalisation", ()),
    "reference": ("reference", ("reference",)),
    "title": ("intitule", ("intitule",)),
    "objet": ("objet", ("objet",)),
    "buyer": ("entitePublique", ("entite publique", "organisme")),
    "unit": ("entiteAchat", ("entite d achat",)),
    "kind": ("annonce", ("type d annonce",)),
    "procedure": ("typeProcedure", ("procedure", "type de procedure")),
    "category": ("categoriePrincipale", ("categorie principale",)),
    "lots": ("nbrLots", ("allotissement",)),
    "cpv": ("idAtexoRef_scriptRef", ("code cpv", "codes cpv")),
    "places": ("lieuxExecutions", ("lieu d execution", "lieux d execution")),
    "value": ("valeurEstimee", ("valeur estimee",)),
}
# Ignored on purpose: what no search asks for, addresses, and the contact, who is a person.
IGNORED: Final = frozenset(
    {
        "adresse de depot des offres",
        "adresse de retrait des dossiers",
        "agrements",
        "caution provisoire",
        "contact administratif",
        "domaines d activite",
        "echantillons demandes",
        "lieu d ouverture des plis",
        "prix d acquisition des plans",
        "qualifications",
        "reunion",
        "variante",
        "visites des lieux",
    }
)
_RECAP: Final = f"//*[@id='recap-consultation' or {with_class('recap-infos-consultation')}]"
_OWN: Final = re.compile(
    r"[?&]page=(?:commun|entreprise)\.(?:PopUpDetailLots|Entreprise\w*Dce|EntrepriseDownload)", re.IGNORECASE
)
_CPV: Final = re.compile(r"(?<!\d)\d{8}(?:-\d)?(?!\d)", re.ASCII)


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:
    """Read the page of a consultation: one notice, or a refusal under its key where that is known.

    `origin` is the page's address, where it has one; it then names the consultation, and relative links become
    addresses by it.
    """
    key: str | None = None
    try:
        tree = read_html(body)
        drop_hidden(tree)
        recap = next(iter(tree.xpath(_RECAP)), None)
        facts = _facts(tree if recap is None else recap, noise=recap is not None)
        if not facts.get("title") and not facts.get("objet"):
            raise Refused(_why_no_consultation(tree))
        key = _key(tree, origin)
        yield _notice(tree, facts, key, origin)
    except Refused as refused:
        yield Refusal(key or "", str(refused))


def _facts(scope: HtmlElement, *, noise: bool) -> dict[str, str]:
    """Return what the recap says, by our names: a field's id first, then its label; `noise` tells unknown labels."""
    by_label: dict[str, HtmlElement] = {}
    for label in scope.xpath(".//label"):
        value = next(label.itersiblings("span", "div", "label"), None)
        name = fold(line(label) or "")
        if name and value is not None and value.tag != "label" and line(value):
            by_label.setdefault(name, value)
    facts: dict[str, str] = {}
    for name, (suffix, labels) in FIELDS.items():
        beside = next((by_label[label] for label in labels if label in by_label), None)
        write = _lines if name in ("title", "objet") else line  # of the others, a struck-out date must stay apart
        if found := write(by_suffix(scope, suffix)) or write(beside):
            facts[name] = found
    known = IGNORED.union(*(labels for _, labels in FIELDS.values()))
    for label in by_label.keys() - known if noise else ():
        note_unread("atexo", "label", label)
    return facts


def _lines(element: HtmlElement | None) -> str | None:
    """Return the text of an element with its line breaks, those of the text and those of ``br``."""
    if element is None:
        return None
    parts = element.xpath(".//text()[not(parent::script) and not(parent::style)] | .//br")
    return clean_text("".join(part if isinstance(part, str) else "\r" for part in parts).replace("\r\n", "\n"))


def _why_no_consultation(tree: HtmlElement) -> str:
    told = next(iter(tree.xpath(f"//*[{with_class('alert')}]")), None)
    said = line(told) or line(next(iter(tree.xpath("//title")), None)) or line(tree) or ""
    if "connecté" in (line(tree) or "") and "Vous devez être" in (line(tree) or ""):
        return "no page of a consultation: it asks for a login"
    return f"no page of a consultation (neither title nor object): {said[:80]!r}"


def _key(tree: HtmlElement, origin: str) -> str:
    """Return the consultation's key: by the page's address, else its form's, else what its links agree upon."""
    forms = tree.xpath("//form[@method='post' or @name='main_form']/@action")
    canonical = tree.xpath("//link[@rel='canonical']/@href")
    for address in (origin, *forms, *canonical):
        kind_of_list(address)  # refuses a test consultation
        if key := consultation_of(address):
            return key
    named = [(key, address) for _, address in links(tree) if (key := consultation_of(address))]
    own = {key for key, address in named if _OWN.search(address)}  # its lots and documents; other links may lead on
    keys = sorted(own or {key for key, _ in named})
    if len(keys) != 1:
        raise Refused(
            f"the page names {len(keys)} consultations: {', '.join(keys[:3])}" if keys else "no consultation id"
        )
    return keys[0]


def _notice(tree: HtmlElement, facts: Mapping[str, str], key: str, origin: str) -> Notice:
    host = page_host(tree, origin)
    source = source_of(host)
    procedure, says = procedure_of(facts.get("procedure"))
    departments = departments_of(facts.get("places"))
    french = source != UNNAMED or bool(departments)
    kind = kind_of_notice(facts.get("kind"))
    moment = written_moment(_deadline(tree, facts), zone_of(facts.get("zone")))
    cancelled = by_suffix(tree, "pictConsultationAnnulee") is not None
    buyer = buyer_of(facts.get("buyer") or facts.get("unit"), french=french)
    return Notice(
        source=source,
        source_id=key,
        url=_address(tree, origin, host, key),
        kind=NoticeKind.CANCELLATION if cancelled else kind,
        language="fr",
        title=title(facts.get("title") or facts.get("objet")),
        description=facts.get("objet"),
        nature=nature_of(facts.get("category")),
        procedure=procedure,
        reference=facts.get("reference"),
        buyer=buyer,
        co_buyers=_units(facts.get("unit"), buyer),
        cpv=_cpv(tree, facts.get("cpv")),
        departments=departments,
        display_until=moment.date() if moment and kind is not NoticeKind.COMPETITION else None,
        deadline=moment if kind is NoticeKind.COMPETITION else None,
        value=value_of(facts.get("value")),
        lot_count=lots_of(facts.get("lots")),
        documents=documents_of(tree, key, host),
        links=links_of(tree),
        strategic=Strategic(dps=says.dps, framework=says.framework),
    )


def _deadline(tree: HtmlElement, facts: Mapping[str, str]) -> str | None:
    """Return the text of the deadline; where neither id nor label tells it, the green bold one (Loire-Atlantique)."""
    green = tree.xpath(f"//span[{with_class('green')} and {with_class('bold')}]")
    return facts.get("deadline") or (line(green[0]) if green else None)


def _units(unit: str | None, buyer: Buyer) -> tuple[Buyer, ...]:
    """Return the purchasing unit, as the page writes it, where it says more than the buyer's name.

    It is a path (``ESMS / 59 CH - CH VALMONT``). The public body stays the buyer, as in the lists: so both readings of
    a notice tell of the same one, and the town of the one is never given to the other.
    """
    return (Buyer(name=unit, country=buyer.country),) if unit and fold(unit) != fold(buyer.name or "") else ()


def _cpv(tree: HtmlElement, text: str | None) -> tuple[Cpv, ...]:
    """Return the codes, the main one first: from the recap, its hidden fields and ``data-code-cpv``."""
    marked = tree.xpath("//*[@data-code-cpv]")
    marked.sort(key=lambda element: "principal" not in (line(element) or ""))  # stable: else in the page's order
    hidden = (
        tree.xpath(f"//input[contains(@id, '_idAtexoRef_') and contains(@id, '{name}')]/@value")
        for name in ("codeRefPrinc", "codesRefSec")
    )
    main, secondary = (" ".join(values) for values in hidden)
    given = [main, *(element.get("data-code-cpv") for element in marked), text or "", secondary]
    for code in given[1 : 1 + len(marked)]:
        if code.strip() and not _CPV.search(code):
            note_unread("atexo", "CPV", code)
    return read_codes(Cpv.parse, [code for one in given for code in _CPV.findall(one)], "atexo")


def _address(tree: HtmlElement, origin: str, host: str | None, key: str) -> str | None:
    """Return the page's address: where it came from, or what it posts to; None for that of a download form."""
    for address in (origin, *tree.xpath("//link[@rel='canonical']/@href"), *tree.xpath("//form/@action")):
        if is_detail(address) and consultation_of(address) == key and (whole := absolute(address, host)):
            return whole
    return None
