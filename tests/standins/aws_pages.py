"""The pages of the AWS stand-in: lists, notices and refusals, as captured pages show them; all of it invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

NATURES = {"T": ("TRAVAUX", "Travaux", "pager_t"), "S": ("SERVICES", "Services", "pager_s"),
           "F": ("FOURNITURES", "Fournitures", "pager_f")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AwsNotice:
    """An invented call. `nature` is T, S or F; `deadline` is on the buyer's own clock."""

    number: int
    nature: str
    published: date
    deadline: datetime
    title: str
    buyer: str = "Ville de Brume-sur-Aval"
    postcode: str = "23400"
    lots: int = 0
    boamp: str = ""

    @property
    def id(self) -> str:
        """The notice's name in its address."""
        return f"MPI-pub-{self.number}"


def sample_notices(count: int, today: date, *, days: int = 25) -> list[AwsNotice]:
    """Return invented calls, spread over natures and the last days."""
    return [
        AwsNotice(
            number=2026_00000 + n,
            nature="TSF"[n % 3],
            published=today - timedelta(days=n % days),
            deadline=datetime.combine(today + timedelta(days=20 + n % 9), datetime.min.time()).replace(hour=12),
            title=f"Réfection de l'ouvrage numéro {n}",
            lots=n % 4,
            boamp=f"26-{800_000 + n}" if n % 2 else "",
        )
        for n in range(1, count + 1)
    ]


def _day(day: date) -> str:
    return day.strftime("%d/%m/%y")


def _row(one: AwsNotice) -> str:
    lots = f"<p>[Marché alloti :\n {one.lots}\n lots]</p>" if one.lots else ""
    return f"""<div class="container-fluid" id="entity">
<div class="row affiche_date_avis"><div class="col-6 col-md-3 col-sm-12">Publié le
 {_day(one.published)}&nbsp;&nbsp;&nbsp;|</div>
<div class="col-6 col-md-6 col-sm-12">Date limite : le {one.deadline:%d/%m/%y à %Hh%M}</div>
<div id="info-icons-container" class="col-6 col-md-3"></div></div>
<h2 class="h2-avis">{escape(one.buyer)}
 ({one.postcode} )</h2>
<div id='titre_box'><div class="col-12 ref-acheteur">[réf. R-{one.number}]</div><br>{escape(one.title)}<br>{lots}</div>
<div class="bandeau"><a href="/Annonces/{one.id}.htm" title="Consulter l'avis">Consulter l'avis</a>
<a href="/mpiaws/index.cfm?fuseaction=dematEnt.login&amp;type=DCE&amp;IDM={one.number}"
 title="Dossier de Consultation des Entreprises">DCE</a></div></div>
"""


def page(inner: str, total: int | None = None) -> str:
    """Return a page of the site around something."""
    tabs = "".join(
        f'<li><a href="#{n}"><strong>{names[0]}</strong></a></li>' for n, names in enumerate(NATURES.values(), 1)
    )
    said = "" if total is None else f'<h2 id="nbResultAvis"><strong>{total}</strong> Avis correspondent</h2>'
    return f"""<!DOCTYPE html><html><head><meta charset="UTF-8"><title>AW Solutions - Liste des annonces</title></head>
<body>{said}<ul id="myTab">{tabs}</ul>
<div>Résultat de recherche pour les avis <strong>en cours</strong></div>
{inner}
</body></html>"""


def list_page(nature: str, rows: Sequence[AwsNotice], total: int, number: int, last: int, *, bare: bool) -> str:
    """Return a page of a search; a `bare` one has lost its rows."""
    pager = NATURES[nature][2]
    inner = "" if bare else "".join(map(_row, rows))
    links = f'<a rel="next" href="?{pager}={number + 1}">&raquo;</a>' if number < last else ""
    place = list(NATURES).index(nature) + 1
    return page(f'<div class="tab-content"><div class="tab-pane active" id="{place}">{inner}{links}</div></div>', total)


def alert(said: str) -> str:
    """Return a page that shows no row and says why."""
    return page(f'<div class="alert">{said}</div>')


def form_page() -> str:
    """Return the search form, as it comes to whoever has no search in the session."""
    return page(
        '<form id="formRech" method="post" action="/Annonces/lister"><input id="motCle" name="txtLibre"></form>'
    )


CAPTCHA = page('<form><img src="/captcha/Captcha_7.png"><input id="texteCaptcha" name="captchaVal"></form>')


def notice_page(one: AwsNotice) -> str:
    """Return the page of a notice."""
    boamp = (
        f'<br>Date d\'envoi du présent avis au <a href="http://www.boamp.fr/avis/detail/{one.boamp}/officiel">BOAMP</a>'
    )
    rows = [
        ("<b>Référence</b>", f"R-{one.number}"),
        ("<b>Type de marché</b>", NATURES[one.nature][1]),
        ("<b>Mode</b>", "Procédure adaptée ouverte"),
        ("<b>Code NUTS</b>", "FRI22"),
        ("<b>Code CPV principal</b>", "<strong>45260000</strong> - Travaux de couverture"),
        ("Code CPV complémentaire", "<strong>45261000</strong> - Charpente"),
        ("&nbsp;", "<strong>45262300</strong> - Béton"),
        ("<b>Offres</b>", f"Remise des offres le <b>{one.deadline:%d/%m/%y à %Hh%M}</b> au plus tard.<br>"),
        ("&nbsp;", f"Envoi le {_day(one.published)} à la publication{boamp if one.boamp else ''}"),
    ]
    table = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in rows)
    return f"""<!doctype html><html><head><meta charset="UTF-8" /></head><body><div id="AAPCGenere">
<table><tbody><tr><td class="AW_Titre">AVIS D'APPEL PUBLIC A LA CONCURRENCE</td></tr></tbody></table>
<table><tbody><tr><td valign="top"><b>{escape(one.buyer)}</b><br />M. non repris - Maire<br />{one.postcode} BRUME<br />
</td></tr></tbody></table>
<table class="AW_TableM"><tbody>
<tr class="AW_TableM_Entete"><td><b>Objet</b></td><td><b>{escape(one.title)}</b></td></tr>
{table}</tbody></table></div></body></html>"""
