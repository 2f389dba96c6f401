"""Records of BOAMP's API (Opendatasoft Explore v2.1, and v1.0), as responses, single records, or lines of an export.

A record has indexed fields on top, and two JSON texts: ``gestion`` (what DILA indexed) and ``donnees`` (the form
itself, under one root: EFORMS, or a national form). Contact persons, mails and telephones are not read, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from crawlers.formats import Refusal
from crawlers.formats.boamp_archive import ROOTS as ARCHIVE_ROOTS
from crawlers.formats.boamp_archive import clock_of_paris, read_archive
from crawlers.formats.boamp_envelope import records
from crawlers.formats.boamp_json import dig, each, first_word, parse_json, word
from crawlers.formats.boamp_labels import (
    ID,
    contract_nature_of,
    department_of,
    family_of,
    kind_of,
    page_of,
    procedure_of,
)
from crawlers.formats.boamp_national import ROOTS as NATIONAL_ROOTS
from crawlers.formats.boamp_national import Form, read_form
from crawlers.formats.eforms import ROOTS as EFORMS_ROOTS
from crawlers.formats.eforms import read_notice
from crawlers.formats.eforms_tree import Node, from_json
from crawlers.formats.text import clean_line, clean_text, decode, note_unread, refuse_nothing, title, web_address
from crawlers.formats.values import PARIS, either, fix_offset, read_date, read_stamp
from tenders.errors import Refused
from tenders.model import Award, Buyer, Notice, NoticeKind, Procedure, Strategic, Supplier

Json = dict[str, Any]

# From this day of publication the portal shows a naive local time as if it were UTC; before it, one hour less.
_SHOWN_AS_UTC_SINCE: Final = date(2024, 1, 15)

# fmt: off
MAPPED: Final = frozenset([
    "annonce_lie", "annonces_anterieures", "code_departement", "code_departement_prestation", "contractfolderid",
    "criteres", "datefindiffusion", "datelimitereponse", "dateparution", "dc", "descripteur_code", "donnees",
    "etat", "famille", "gestion", "idweb", "nature", "nomacheteur", "objet", "sousnature", "titulaire",
    "type_marche", "type_procedure", "url_avis",
])
# fmt: on
# of these, the fields that have one value in every version of the API
# fmt: off
TEXTS: Final = frozenset([
    "contractfolderid", "datefindiffusion", "datelimitereponse", "dateparution", "etat", "famille", "idweb", "nature",
    "nomacheteur", "objet", "sousnature", "type_procedure", "url_avis",
])
# fmt: on
# labels and copies of the fields above, and DILA's own bookkeeping
# fmt: off
IGNORED: Final = frozenset([
    "annonce_reference_schema_v110", "annonces_anterieures_schema_v110",
    "descripteur_libelle", "famille_libelle", "filename", "id", "marche_public_simplifie",
    "marche_public_simplifie_label", "nature_categorise", "nature_categorise_libelle", "nature_libelle",
    "perimetre", "procedure_categorise", "procedure_libelle", "source_schema", "sousnature_libelle",
    "soustype_procedure", "type_avis", "type_marche_facette",
])
# fmt: on


def read(body: bytes, origin: str) -> Iterator[Notice | Refusal]:  # noqa: ARG001
    """Read a response, a record, a list of records, or JSON lines. A response without results holds no notice."""
    try:
        refuse_nothing(body)
        found = list(records(decode(body)))
    except Refused as refused:
        yield Refusal("", str(refused))
        return
    for number, record in enumerate(found, 1):
        where = f"row {number}"
        if isinstance(record, Refused):
            yield Refusal(where, str(record))
            continue
        identifier = clean_line(str(record.get("idweb") or ""))
        where = identifier if identifier and ID.fullmatch(identifier) else where
        try:
            yield _notice(record)
        except Refused as refused:
            yield Refusal(where, str(refused))
        except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError, RecursionError) as error:
            yield Refusal(where, f"cannot be read: {type(error).__name__} {error}"[:200])


def _inner(record: Json, key: str) -> Any:
    """Return the JSON that a field holds as a text (or already as an object); Refused for a broken text."""
    value = record.get(key)
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return parse_json(value)
    except ValueError as error:
        raise Refused(f"{key} is no JSON, or cut off: {str(error)[:100]}") from None


def _many(value: Any) -> list[str]:
    """Return a field of several values: a list, or v1's text joined by commas or semicolons."""
    parts = [part for item in each(value) for part in (re.split("[,;]", item) if isinstance(item, str) else [item])]
    return [line for part in parts if not isinstance(part, dict | list) and (line := clean_line(str(part)))]


def _notice(record: Json) -> Notice:
    for key in record.keys() - MAPPED - IGNORED:
        note_unread("boamp", "field", key)
    for key in TEXTS & record.keys():
        if isinstance(record[key], list | dict):
            raise Refused(f"{key} is a {'list' if isinstance(record[key], list) else 'object'} where a text is meant")
    identifier = word(record, "idweb") or ""
    if not ID.fullmatch(identifier):
        raise Refused(f"{identifier[:40]!r} is no notice number, such as 21-85788")
    gestion, donnees = _inner(record, "gestion"), _inner(record, "donnees")
    base = _base(identifier, record, gestion)
    if not donnees:
        return replace(
            base, deadline=_deadline(record, gestion, None, structured=False), awards=_named_winners(record, base)
        )
    if not isinstance(donnees, dict):
        raise Refused("donnees is no object")
    if "EFORMS" in donnees:
        return _from_eforms(base, record, gestion, donnees["EFORMS"])
    return _from_form(base, record, gestion, _form(donnees))


def _form(donnees: Json) -> Form:
    """Read the national form; raises Refused for an unknown root, under its name."""
    names = [name for name in donnees if not name.startswith(("@", "#"))]
    known = next((name for name in names if name in NATIONAL_ROOTS), None)
    if known:
        for name in names:
            if name != known:
                note_unread("boamp", "donnees root", name)
        return read_form(known, donnees[known])
    if donnees.keys() & ARCHIVE_ROOTS:
        return read_archive(donnees)
    raise Refused(f"unknown donnees root {''.join(names[:1])[:40]!r}")


def _label(value: Any) -> str | None:
    """Return the label of an enumeration: the one key of an object (``{"INITIAL": ""}``), or a text."""
    if isinstance(value, dict):
        value = next((key for key in value if not key.startswith("@")), None)
    return clean_line(value) if isinstance(value, str) else None


def _base(identifier: str, record: Json, gestion: Any) -> Notice:
    """Return what the indexed fields say; ``gestion`` stands in where a client's ``select`` left a field out."""
    kinds = dig(gestion, "REFERENCE", "TYPE_AVIS")
    index = dig(gestion, "INDEXATION")
    nature = word(record, "nature") or _label(dig(kinds, "NATURE"))
    under = word(record, "sousnature") or _label(dig(kinds, "NATURE", nature or ""))
    family = family_of(word(record, "famille") or _label(dig(kinds, "FAMILLE")))
    procedure = word(record, "type_procedure") or _label(dig(index, "TYPE_PROCEDURE"))
    bought = _many(record.get("type_marche")) or list(dig(index, "NATURE_MARCHE") or [])
    departments = _many(record.get("code_departement")) or _many(dig(index, "DEP_PUBLICATION"))
    departments += _many(record.get("code_departement_prestation"))
    codes = _many(record.get("descripteur_code") or record.get("dc")) or [
        code for item in each(dig(index, "DESCRIPTEURS", "DESCRIPTEUR")) if (code := word(item, "CODE"))
    ]
    return Notice(
        source="boamp",
        source_id=identifier,
        url=web_address(word(record, "url_avis")) or page_of(identifier),
        kind=kind_of(nature, word(record, "etat") or _label(dig(kinds, "STATUT")), under),
        language="fr",
        title=title(_text(record.get("objet")) or _text(dig(index, "RESUME_OBJET"))),
        nature=contract_nature_of(bought[0]) if bought else None,
        procedure=procedure_of(procedure) or (Procedure.ADAPTED if family == "mapa" else None),
        procedure_id=word(record, "contractfolderid"),
        supersedes=_earlier(record, identifier),
        buyer=Buyer(name=first_word(record, "nomacheteur") or word(index, "NOMORGANISME"), country="FR"),
        descriptors=tuple(dict.fromkeys(codes)),
        departments=tuple(dict.fromkeys(code for text in departments if (code := department_of(text)))),
        family=family,
        published=read_date(word(record, "dateparution") or word(index, "DATE_PUBLICATION")),
        display_until=read_date(word(record, "datefindiffusion") or word(index, "DATE_FIN_DIFFUSION")),
        links={"boamp": identifier},
        strategic=_criteria(record),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _criteria(record: Json) -> Strategic:
    """Read ``criteres``: only ticked boxes are shown, so that absence states nothing."""
    labels = [label.lower() for label in _many(record.get("criteres"))]
    for label in labels:
        if "soci" not in label and "environ" not in label:
            note_unread("boamp", "criteres", label)
    return Strategic(
        social=True if any("soci" in label for label in labels) else None,
        green=True if any("environ" in label for label in labels) else None,
    )


def _earlier(record: Json, identifier: str) -> tuple[str, ...]:
    """Return the earlier notices of BOAMP that this one names.

    ``annonces_anterieures`` nests them with their dates of publication; only what stands under IDWEB is a number
    (searched as text, ``2014-10-15`` would yield the notice "10-15").
    """
    found = [line for line in _many(record.get("annonce_lie")) if ID.fullmatch(line)]
    before = record.get("annonces_anterieures")
    if isinstance(before, str) and before.lstrip()[:1] in ("{", "["):
        before = _inner(record, "annonces_anterieures")
    found += _numbers(before, 0)
    return tuple(number for number in dict.fromkeys(found) if number != identifier)


def _numbers(value: Any, depth: int) -> list[str]:
    if depth > 12:
        return []
    found: list[str] = []
    for item in each(value):
        if isinstance(item, str):
            found += [part for part in _many(item) if ID.fullmatch(part)] if depth == 0 else []
        elif isinstance(item, dict):
            for key, inner in item.items():
                if key.upper() == "IDWEB":
                    found += [part for part in _many(inner) if ID.fullmatch(part)]
                elif isinstance(inner, dict | list):
                    found += _numbers(inner, depth + 1)
    return found


def _deadline(record: Json, gestion: Any, form: datetime | None, *, structured: bool) -> datetime | None:
    """Return the deadline: as indexed in ``gestion``, else as the form states it, else as the portal shows it.

    The first two are in the buyer's own words: with an offset, or naive and then the time of Paris. The portal's
    ``datelimitereponse`` always ends in +00:00. For eForms (`structured`) that is the true moment. For the other
    forms it is not: two full records of July 2024 show 12:00+00:00 where gestion has a naive 12:00; and of 10,000
    deadlines that one client kept, most stand at 11:00+00:00 in every month until January 2024 (noon in Paris, taken
    for UTC+1 even in summer) and at 12:00+00:00 after. So the wall clock is what is believed.
    """
    published = read_date(word(record, "dateparution"))
    older = published is not None and published < _SHOWN_AS_UTC_SINCE
    indexed = read_stamp(word(gestion, "INDEXATION", "DATE_LIMITE_REPONSE"), PARIS)
    indexed = clock_of_paris(indexed) if older else indexed
    if indexed or form:
        return indexed or form
    shown = read_stamp(word(record, "datelimitereponse"), PARIS)
    if shown is None or shown.utcoffset() != timedelta():
        return shown
    if structured:
        return fix_offset(shown.astimezone(PARIS))
    lost = timedelta(hours=1) if older else timedelta()
    return fix_offset((shown.replace(tzinfo=None) + lost).replace(tzinfo=PARIS))


def _named_winners(record: Json, base: Notice) -> tuple[Award, ...]:
    """Return an award for each name in ``titulaire`` (v1 joins them by semicolons), for notices that announce one."""
    if base.kind not in (NoticeKind.RESULT, NoticeKind.DIRECT_AWARD, NoticeKind.MODIFICATION):
        return ()
    given = record.get("titulaire")
    given = given.split(";") if isinstance(given, str) else each(given)
    names = [clean_line(item) for item in given if isinstance(item, str)]
    return tuple(Award(suppliers=(Supplier(name=name),)) for name in dict.fromkeys(names) if name)


def _from_form(base: Notice, record: Json, gestion: Any, form: Form) -> Notice:
    winners = _named_winners(record, base)
    awards = form.awards or winners
    if len(awards) == 1 and not awards[0].suppliers and winners:  # a text states the figures, the field the names
        awards = (replace(awards[0], suppliers=tuple(who for award in winners for who in award.suppliers)),)
    earlier = [*base.supersedes, *(number for number in form.supersedes if number != base.source_id)]
    return replace(
        base,
        description=form.description if form.description != base.title else None,
        reference=form.reference,
        procedure=procedure_of(form.procedure) or base.procedure,
        supersedes=tuple(dict.fromkeys(earlier)),
        buyer=replace(
            base.buyer,
            name=base.buyer.name or form.buyer_name,
            id=form.buyer_id,
            town=form.town,
            postcode=form.postcode,
        ),
        cpv=form.cpv,
        places=form.places,
        deadline=form.new_deadline or _deadline(record, gestion, form.deadline, structured=False),
        value=form.value,
        lot_count=form.lot_count,
        lots=form.lots,
        awards=awards if base.kind is not NoticeKind.COMPETITION else (),
        documents=form.documents,
        strategic=_both(form.strategic, base.strategic),
    )


def _both(first: Strategic, second: Strategic) -> Strategic:
    """Return what either states, yes before no."""
    return Strategic(**{name: either(getattr(first, name), getattr(second, name)) for name in Strategic.__slots__})


def _from_eforms(base: Notice, record: Json, gestion: Any, tree: Any) -> Notice:
    """Read the eForms notice inside a record; what BOAMP says of itself (number, page, family, days) stays."""
    name = next(iter(tree), "") if isinstance(tree, dict) else ""
    if name.rpartition(":")[2] not in EFORMS_ROOTS:
        raise Refused(f"unknown donnees root 'EFORMS.{str(name)[:40]}'")
    inner = read_notice(next(iter(from_json(name, tree[name])), Node(name)), PARIS)
    acts = (base.kind, inner.kind)
    kind = next((act for act in (NoticeKind.CANCELLATION, NoticeKind.CHANGE) if act in acts), inner.kind)
    return replace(
        inner,
        source=base.source,
        source_id=base.source_id,
        url=base.url,
        kind=kind,
        title=base.title,
        description=_with_heading(inner.title, base.title, inner.description),
        nature=inner.nature or base.nature,
        procedure=inner.procedure or base.procedure,
        procedure_id=inner.procedure_id or base.procedure_id,
        supersedes=tuple(dict.fromkeys([*base.supersedes, *inner.supersedes])),
        buyer=inner.buyer if inner.buyer.name else base.buyer,
        descriptors=base.descriptors,
        departments=base.departments,
        family=base.family,
        published=base.published,
        display_until=base.display_until,
        deadline=_deadline(record, gestion, inner.deadline, structured=True),
        awards=inner.awards or _named_winners(record, base),
        links={**base.links, **inner.links},
        strategic=_both(inner.strategic, base.strategic),
    )


def _with_heading(heading: str, shown: str, about: str | None) -> str | None:
    """Return the description under the form's own title where BOAMP's title lacks words of it."""
    if heading in shown or (about and heading in about):
        return about
    return clean_text(f"{heading}\n{about or ''}")
