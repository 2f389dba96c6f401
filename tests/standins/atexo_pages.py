"""What the stand-in of Atexo MPE writes: list pages in both layouts, details, forms; markup after captured pages."""

# ruff: noqa: E501, ISC004  the lines are those of the markup

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from tests.standins.atexo_samples import Consultation

Layout = Literal["cards", "table", "changed"]
Paths = Literal["bare", "app.php", "query"]
RESULTS: Final = "ctl0$CONTENU_PAGE$resultSearch"
_ID: Final = RESULTS.replace("$", "_")
_MONTHS: Final = (
    ("Janvier", "Janv."), ("Février", "Févr."), ("Mars", "Mars"), ("Avril", "Avril"), ("Mai", "Mai"), ("Juin", "Juin."),
    ("Juillet", "Juil."), ("Août", "Août"), ("Septembre", "Sept."), ("Octobre", "Oct."), ("Novembre", "Nov."),
    ("Décembre", "Déc."),
)  # fmt: skip
EMPTY: Final = "Aucun résultat."


@dataclass(frozen=True)
class Listing:
    """A page of a list: its rows, where it stands, and what the site says of that."""

    list: str
    rows: Sequence[Consultation]
    number: int
    size: int
    total: int
    pages: int
    state: str
    has_next: bool
    base: str
    layout: Layout = "cards"
    paths: Paths = "bare"
    menu: str = "Entreprise"
    pager: str = "ctl2"  # the control of the next page
    counted: bool = True  # it says how many there are
    full_months: bool = True


def detail_path(one: Consultation, paths: Paths, menu: str = "Entreprise") -> str:
    """Return the path of a consultation's page, in one of the three ways of writing it."""
    if paths == "query":
        return f"/index.php?page={menu}.EntrepriseDetailsConsultation&refConsultation={one.id}&orgAcronyme={one.org}"
    front = "/app.php" if paths == "app.php" else ""
    return f"{front}/entreprise/consultation/{one.id}?orgAcronyme={one.org}"


def list_page(page: Listing) -> str:
    """Write a list page."""
    write = {"cards": _card, "table": _row, "changed": _changed}[page.layout]
    rows = "\n".join(write(n, one, page) for n, one in enumerate(page.rows, 1))
    if page.layout == "table" and page.rows:
        rows = f'<table class="table-results"><tbody>{rows}</tbody></table>'
    nothing = f'<div id="{_ID}_panelNoElementFound"><p>{EMPTY}</p></div>'
    action = f"/?{page.list}=&amp;page={page.menu}.EntrepriseAdvancedSearch"
    return (
        '<!doctype html>\n<html lang="fr"><head><title>Consultations</title>'
        f'<link href="{page.base}/themes/css/style.css" rel="stylesheet"></head><body>'
        '<form class="input-group" action="/espace-entreprise/search" method="get"></form>'
        f'<form id="ctl0_ctl1" method="post" action="{action}" name="main_form" autocomplete="on">'
        f'<input type="text" style="display:none" autocomplete="off" name="PRADO_PAGESTATE" id="PRADO_PAGESTATE" '
        f'value="{page.state}" />'
        '<input type="hidden" name="PRADO_POSTBACK_TARGET" id="PRADO_POSTBACK_TARGET" value="" />'
        '<input type="hidden" name="PRADO_POSTBACK_PARAMETER" id="PRADO_POSTBACK_PARAMETER" value="" />'
        f"{_pager(page) + rows if page.rows else nothing}"
        f"{_script(page)}</form></body></html>"
    )


def _pager(page: Listing) -> str:
    chosen = {page.size: 'selected="selected" '}
    options = "".join(f'<option {chosen.get(size, "")}value="{size}">{size}</option>' for size in (10, 20))
    following = (
        f'<a id="{_ID}_PagerTop_{page.pager}" class="" href="javascript:;//{_ID}_PagerTop_{page.pager}">'
        "<span class='btn' data-toggle='tooltip' data-placement='top' title='Aller à la page suivante'>"
        "<i class='fa fa-angle-right'></i></span></a>"
        if page.has_next
        else ""
    )
    total = f'<span id="{_ID}_nombreElement">{page.total}</span>' if page.counted else ""
    pages = f'<label class="nb-total ">/ <span id="{_ID}_nombrePageTop">{page.pages}</span></label>'
    return (
        f"<h2>Nombre de résultats : {total}</h2>"
        f'<select name="{RESULTS}$listePageSizeTop" id="{_ID}_listePageSizeTop" class="form-control">{options}</select>'
        f'<input name="{RESULTS}$numPageTop" type="text" value="{page.number}" id="{_ID}_numPageTop" '
        f'class="form-control w-50 text-center" />{pages if page.counted else ""}'
        f'<input type="submit" name="{RESULTS}$DefaultButtonTop" value="" id="{_ID}_DefaultButtonTop" '
        f'style="display: none" />{following}'
    )


def _script(page: Listing) -> str:
    made = [
        f"new Prado.WebUI.TDropDownList({{'ID':\"{_ID}_listePageSizeTop\",'CausesValidation':true,"
        f"'EventTarget':\"{RESULTS}$listePageSizeTop\",'FormID':\"ctl0_ctl1\"}});",
        f"new Prado.WebUI.TButton({{'ID':\"{_ID}_DefaultButtonTop\",'EventTarget':\"{RESULTS}$DefaultButtonTop\","
        "'Event':\"click\"});",
    ]
    if page.has_next:
        made.append(
            f"new Prado.WebUI.TLinkButton({{'ID':\"{_ID}_PagerTop_{page.pager}\","
            f"'EventTarget':\"{RESULTS}$PagerTop${page.pager}\",'CausesValidation':false,'FormID':\"ctl0_ctl1\"}});"
        )
    said = "\n".join(made)
    return f'<script type="text/javascript">/*<![CDATA[*/\n{said}\n/*]]>*/</script>'


def _month(number: int, full: bool) -> str:
    return _MONTHS[number - 1][0 if full else 1]


def _date(day: int, month: str, year: int) -> str:
    return (
        f'<div class="day"><span>{day}</span></div><div class="month-year">'
        f'<div class="month"><span>{month}</span></div><div class="year"><span>{year}</span></div></div>'
    )


def _cut(text: str) -> str:
    return escape(text if len(text) <= 60 else text[:57] + "…")


def _hidden(n: int, one: Consultation) -> str:
    name = f"{RESULTS}$tableauResultSearch$ctl{n}"
    id_ = name.replace("$", "_")
    return (
        f'<input type="hidden" name="{name}$refCons" id="{id_}_refCons" value="{one.id}" />'
        f'<input type="hidden" name="{name}$orgCons" id="{id_}_orgCons" value="{one.org}" />'
    )


def _places(one: Consultation) -> tuple[str, str]:
    whole = [f"({code}) {name}" for code, name in one.places]
    return ",  ".join(whole[:2]), ", ".join(whole)


def _card(n: int, one: Consultation, page: Listing) -> str:
    id_ = f"{_ID}_tableauResultSearch_ctl{n}"
    shown, whole = _places(one)
    more = f'<span data-toggle="popover" class="btn-link" title="" data-content="{escape(whole)}">...</span>'
    link = f"{page.base}{detail_path(one, page.paths, page.menu)}"
    published = _date(one.published.day, _month(one.published.month, page.full_months), one.published.year)
    closing = _date(one.deadline.day, _month(one.deadline.month, page.full_months), one.deadline.year)
    reference = "" if one.reference is None else f'<div class="small pull-left">{escape(one.reference)}</div>'
    lots = (
        ""
        if one.lots is None
        else f'<li><div class="lots"><a href="#"><span>{one.lots}&nbsp;lots</span></a></div></li>'
    )
    return (
        f'<div id="row-consultation-{one.id}" class="item_consultation list-group-item kt-callout left kt-vertical-align ">'
        f'<div class="cons_ref">{_hidden(n, one)}'
        f'<div class="cons_procedure"><abbr data-toggle="tooltip" title="{escape(one.procedure[1])}">'
        f"<span>{one.procedure[0]}</span></abbr></div>"
        f'<div id="{id_}_panelBlocCategorie" class="cons_categorie"><span>{one.category}</span></div>'
        f'<div class="date date-min clearfix">{published}</div></div>'
        f'<div id="{id_}_panelBlocIntitule" class="objet-line"><!-- BEGIN REFERENCE | INTITULE -->'
        f'<div class="m-b-1 clearfix">{reference}<span class="pull-left m-l-1 m-r-1">|</span>'
        f'<div class="small pull-left truncate"><span data-toggle="tooltip" title="{escape(one.title)}  ">{_cut(one.title)}'
        "</span></div></div><!--END REFERENCE | INTITULE--></div>"
        f'<div id="{id_}_panelBlocObjet" class="m-b-1 clearfix"><div data-toggle="tooltip" class="truncate-700" '
        f'title="{escape(one.objet)}"><span class="h5"><strong>Objet : </strong></span><span class="small">'
        f"<span>{_cut(one.objet)}</span></span></div></div>"
        f'<div id="{id_}_panelBlocDenomination" class="m-b-1"><div data-toggle="tooltip" class="truncate-700" '
        f'title="{escape(one.buyer)}"><span class="h5"><strong>Organisme : </strong></span>'
        f'<span class="small">{escape(one.buyer)}</span></div></div>'
        f'<ul class="line-infos">{lots}<li><div id="{id_}_panelBlocLieuxExec" class="lieux-exe"><span>'
        f"<span> {escape(shown)}</span>{more if len(one.places) > 2 else ''}</span></div></li></ul>"
        f'<div class="cons_dateEnd"><div class="cloture-line"><div class="date clearfix ">{closing}</div>'
        f'<div class="time clearfix"><label title="Durée" alt="Durée">{one.deadline:%H:%M}</label></div></div></div>'
        f'<div class="actions"><ul><li><a class="btn relative" href="{link}&code=&echanges#messagerie">Messagerie</a></li>'
        f'<li><a class="btn btn-primary" href="{link}">Accéder à la consultation</a></li></ul></div></div>'
    )


def _row(n: int, one: Consultation, page: Listing) -> str:
    id_ = f"{_ID}_tableauResultSearch_ctl{n}"
    shown, whole = _places(one)
    return (
        f'<tr class=""><td class="check-col" headers="checkAll" style="display:none">{_hidden(n, one)}</td>'
        f'<td class="col-90" headers="cons_ref"><div class="line-info-bulle">{one.procedure[0]}</div>'
        f'<div id="{id_}_panelBlocTypesProc" class="info-bulle"><div id="identification_cons_{n - 1}_type_procedure">'
        f"{escape(one.procedure[1])}</div></div>"
        f'<div id="{id_}_panelBlocCategorie">{one.category}</div><div>{one.published:%d/%m/%Y}</div></td>'
        f'<td class="col-450" headers="cons_intitule"><div id="{id_}_panelBlocIntitule" class="objet-line">'
        f'<span id="{id_}_reference" class="ref">{escape(one.reference or "")}</span></div>'
        f'<div id="{id_}_panelBlocObjet" class="objet-line"><strong>Objet : </strong>{_cut(one.objet)}'
        f'<div id="{id_}_infosBullesObjet" class="info-bulle"><div>{escape(one.objet)}</div></div></div>'
        f'<div id="{id_}_panelBlocDenomination" class="objet-line"><strong>Acheteur public : </strong>'
        f"{escape(one.buyer)}</div></td>"
        f'<td class="col-90" headers="cons_lieuExe"><span>{"-" if one.lots is None else f"{one.lots} lots"}</span>'
        f'<div id="{id_}_panelBlocLieuxExec">{escape(shown)}<div id="{id_}_infosLieuExecution" class="info-bulle">'
        f"<div>{escape(whole)}</div></div></div></td>"
        f'<td class="col-60" headers="cons_dateEnd"><div class="cloture-line">{one.deadline:%d/%m/%Y}<br>'
        f"{one.deadline:%H:%M}</div></td>"
        f'<td class="actions" headers="cons_actions"><a href="{escape(detail_path(one, "query", page.menu))}">Détail</a></td></tr>'
    )


def _changed(n: int, one: Consultation, page: Listing) -> str:
    return f'<article class="tender-card"><h3>{escape(one.title)}</h3><p>{escape(one.buyer)}</p></article>'


def detail_page(one: Consultation, base: str, menu: str = "Entreprise") -> str:
    """Write the page of a consultation: the recap with its ids of 2020, the tab of documents, hidden dummies."""
    id_ = "ctl0_CONTENU_PAGE_ctl7"
    lots = "" if one.lots is None else f'<span id="{id_}_nbrLots">{one.lots} Lots </span>'
    kinds = {"AllCons": "Annonce de consultation", "AvisInformation": "Annonce d'information"}
    encoded = base64.b64encode(one.id.encode()).decode()
    addresses = {
        "linkDownloadReglement": f"index.php?page={menu}.EntrepriseDownloadReglement&id={encoded}&orgAcronyme={one.org}",
        "linkDownloadDce": f"index.php?page={menu}.EntrepriseDemandeTelechargementDce&id={one.id}&orgAcronyme={one.org}",
    }
    documents = "".join(
        f'<a id="ctl0_CONTENU_PAGE_{name}" href="{base}/{escape(addresses[name])}">{escape(text)}</a>'
        for name, text in one.documents
    )
    boamp = (
        f'<a href="http://www.boamp.fr/index.php/avis/detail/{one.boamp}/0">Avis BOAMP</a>'
        if one.boamp is not None
        else ""
    )

    def field(label: str, name: str, value: str | None) -> str:
        return f'<div class="line"><label>{label} :</label><span id="{id_}_{name}">{escape(value or "")}</span></div>'

    return (
        f'<!doctype html>\n<html lang="fr"><head><title>Détail de la consultation</title></head><body>'
        f'<form id="ctl0_ctl2" method="post" action="{escape(detail_path(one, "bare"))}" name="main_form">'
        '<div id="recap-consultation" class="recap-infos-consultation">'
        + field(
            "Date et heure limite de remise des plis", "dateHeureLimiteRemisePlis", f"{one.deadline:%d/%m/%Y %H:%M}"
        )
        + f'<span id="{id_}_libelleHeureLocalisation">(heure de Paris)</span>'
        + field("Référence", "reference", one.reference)
        + field("Intitulé", "intitule", one.title)
        + field("Objet", "objet", one.objet)
        + field("Entité publique", "entitePublique", one.buyer)
        + field("Type d'annonce", "annonce", kinds.get(one.list, "Annonce d'attribution"))
        + field("Procédure", "typeProcedure", one.procedure[1])
        + field("Catégorie principale", "categoriePrincipale", one.category)
        + f'<div class="line"><label>Allotissement :</label>{lots}</div>'
        + f'<div class="line"><label>Code CPV :</label><span id="{id_}_idAtexoRef_scriptRef">{one.cpv} (Code principal)</span>'
        "</div>"
        + field("Lieu d'exécution", "lieuxExecutions", ", ".join(f"({code}) {name}" for code, name in one.places))
        + f'<div style="display:none"><label>Caution provisoire :</label><span id="{id_}_caution">0,00 MAD</span></div></div>'
        f'<div id="pub">{documents}{boamp}</div></form></body></html>'
    )


def form_page(step: int, one: Consultation) -> str:
    """Write a step of the withdrawal of documents: 1 the form, 2 the button that completes it."""
    question = "ctl0$CONTENU_PAGE$EntrepriseFormulaireDemande$RadioGroup"
    said = (
        f'<input type="radio" name="{question}" value="choixAnonyme"> Anonyme'
        if step == 1
        else '<a id="ctl0_CONTENU_PAGE_EntrepriseDownloadDce_completeDownload" href="javascript:;">Télécharger</a>'
    )
    return f'<!doctype html>\n<html lang="fr"><body><form method="post">{escape(one.title)} {said}</form></body></html>'


LOGIN: Final = (
    '<!doctype html>\n<html lang="fr"><head><title>Connexion</title></head><body><div class="alert">Vous devez être '
    "connecté pour accéder aux actions ci-dessous</div></body></html>"
)
MAINTENANCE: Final = (
    '<!doctype html>\n<html lang="fr"><head><title>Maintenance</title></head><body><h1>Le portail est en maintenance</h1>'
    "</body></html>"
)
