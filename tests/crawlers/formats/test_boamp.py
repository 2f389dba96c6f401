"""What BOAMP's API records become, on invented records that differ in one thing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from crawlers.formats import Refusal
from crawlers.formats.boamp import read
from tenders.codes import Nuts
from tenders.model import Notice, Supplier
from tests.conftest import EXAMPLES

RESPONSE: dict[str, Any] = json.loads((EXAMPLES / "boamp/response.json").read_text())
EFORMS, MAPA, MAPA_AWARD, FNS, FNS_AWARD, CORRECTION, UNKNOWN = RESPONSE["results"]


def items(data: Any) -> list[Notice | Refusal]:
    return list(read(json.dumps(data).encode(), "a test"))


def one(record: dict[str, Any], **changes: Any) -> Notice:
    (item,) = items({**record, **changes})
    assert isinstance(item, Notice), item
    return item


def within(record: dict[str, Any], field: str, change: dict[str, Any]) -> dict[str, Any]:
    """Return a record whose gestion or donnees has other values at dotted paths."""
    inner = json.loads(record[field])
    for path, value in change.items():
        *above, last = path.split(".")
        place = inner
        for key in above:
            place = place[key]
        place[last] = value
    return {**record, field: json.dumps(inner)}


def test_an_answer_without_results_holds_no_notice_and_is_no_refusal() -> None:
    assert items({"total_count": 0, "results": []}) == []
    assert items({"nhits": 0, "parameters": {}, "records": []}) == []
    assert items([]) == []


def test_a_record_reads_the_same_in_every_envelope() -> None:
    bare = one(MAPA)
    envelopes = [
        {"total_count": 1, "results": [MAPA]},
        [MAPA],
        {"records": [{"fields": MAPA}]},
        {"records": [{"record": {"fields": MAPA}}]},
    ]
    assert [items(data) for data in envelopes] == [[bare]] * 4
    lines = f"{json.dumps(MAPA)}\n{json.dumps(MAPA)}\n".encode()
    assert list(read(lines, "a test")) == [bare, bare]


def test_gestion_and_donnees_may_be_objects_already_or_missing() -> None:
    assert one(MAPA, gestion=json.loads(MAPA["gestion"]), donnees=json.loads(MAPA["donnees"])) == one(MAPA)
    poor = one(MAPA, gestion=None, donnees=None)
    assert poor.title == one(MAPA).title and poor.deadline == one(MAPA).deadline and poor.lots == ()


def test_a_select_that_left_fields_out_is_made_good_from_gestion() -> None:
    kept = {key: MAPA[key] for key in ("idweb", "gestion", "donnees")}
    whole, rest = one(MAPA), one(kept)
    assert rest == replace(whole, strategic=rest.strategic)  # the criteria stand nowhere else


def test_a_record_that_says_nothing_of_its_act_is_refused() -> None:
    (item,) = items({key: MAPA[key] for key in ("idweb", "objet", "dateparution", "datelimitereponse", "nomacheteur")})
    assert item == Refusal("24-990002", "no nature: nothing says what this notice does (nature)")


@pytest.mark.parametrize(
    ("nature", "etat", "under", "kind"),
    [
        ("APPEL_OFFRE", "INITIAL", None, "competition"),
        ("APPEL_OFFRE", "RECTIFICATIF", "STANDARD", "change"),
        ("APPEL_OFFRE", "ANNULATION", None, "cancellation"),
        ("ATTRIBUTION", "INITIAL", None, "result"),
        ("ATTRIBUTION", "RECTIFICATIF", None, "change"),
        ("RECTIFICATIF", "INITIAL", None, "change"),
        ("ANNULATION", "INITIAL", None, "cancellation"),
        ("INTENTION_CONCLURE", "INITIAL", None, "direct-award"),
        ("EX_ANTE_VOLONTAIRE", "INITIAL", None, "direct-award"),
        ("MODIFICATION", "MODIFICATION", None, "modification"),
        ("PRE-INFORMATION", "INITIAL", "STANDARD", "planning"),
        ("PRE-INFORMATION", "INITIAL", "MISE_EN_CONCURRENCE", "competition"),
        ("PERIODIQUE", "INITIAL", None, "planning"),
        ("QUALIFICATION", "INITIAL", None, "competition"),
    ],
)
def test_nature_and_status_together_say_what_a_notice_does(
    nature: str, etat: str, under: str | None, kind: str
) -> None:
    assert one(MAPA, nature=nature, etat=etat, sousnature=under).kind == kind


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("nature", "unknown nature 'NOUVEAU'"),
        ("etat", "unknown status 'NOUVEAU'"),
        ("famille", "unknown family 'NOUVEAU'"),
    ],
)
def test_an_unknown_label_is_refused_by_its_name(field: str, reason: str) -> None:
    assert items({**MAPA, field: "NOUVEAU"}) == [Refusal("24-990002", reason)]


def test_an_unknown_root_is_refused_under_its_name_and_the_rest_goes_on() -> None:
    read_back = items({"results": [UNKNOWN, MAPA]})
    assert read_back == [Refusal("24-990007", "unknown donnees root 'XYZ'"), one(MAPA)]


def test_a_naive_deadline_is_paris_time_whatever_the_portal_shows() -> None:
    assert MAPA["datelimitereponse"] == "2024-05-31T12:00:00+00:00"
    assert one(MAPA).deadline.isoformat() == "2024-05-31T12:00:00+02:00"  # type: ignore[union-attr]
    winter = within(MAPA, "gestion", {"INDEXATION.DATE_LIMITE_REPONSE": "2024-12-02T12:00:00"})
    assert one(winter).deadline.isoformat() == "2024-12-02T12:00:00+01:00"  # type: ignore[union-attr]


def test_a_deadline_with_an_offset_keeps_it() -> None:
    island = within(EFORMS, "gestion", {"INDEXATION.DATE_LIMITE_REPONSE": "2026-08-18T12:00:00+04:00"})
    assert one(island).deadline.isoformat() == "2026-08-18T12:00:00+04:00"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("record", "published", "shown", "meant"),
    [
        (MAPA, "2024-07-02", "2024-07-25T12:00:00+00:00", "2024-07-25T12:00:00+02:00"),
        (MAPA, "2023-06-01", "2023-07-03T11:00:00+00:00", "2023-07-03T12:00:00+02:00"),
        (MAPA, "2023-11-01", "2023-12-04T11:00:00+00:00", "2023-12-04T12:00:00+01:00"),
        (EFORMS, "2024-05-02", "2024-06-03T10:00:00+00:00", "2024-06-03T12:00:00+02:00"),
    ],
)
def test_the_portals_own_deadline_is_read_as_the_buyer_meant_it(
    record: dict[str, Any], published: str, shown: str, meant: str
) -> None:
    alone = {**record, "gestion": None, "dateparution": published, "datelimitereponse": shown}
    if record is MAPA:
        alone["donnees"] = None
    else:
        tree = json.loads(record["donnees"])
        for lot in tree["EFORMS"]["ContractNotice"]["cac:ProcurementProjectLot"]:
            lot.pop("cac:TenderingProcess", None)
        alone["donnees"] = json.dumps(tree)
    assert one(alone).deadline.isoformat() == meant  # type: ignore[union-attr]


def test_eforms_in_a_record_reads_as_the_stand_alone_notice_under_boamps_number() -> None:
    notice = one(EFORMS)
    assert (notice.source, notice.source_id, notice.family) == ("boamp", "24-990001", "joue")
    assert notice.links == {"boamp": "24-990001", "ted": "301234-2024"}
    assert [lot.id for lot in notice.lots] == ["LOT-0001", "LOT-0002"]
    assert notice.buyer.id == "99900010200015"  # not the publishing agency, which stands first


def test_eforms_of_a_corrected_status_is_a_change_and_of_a_cancel_reason_a_cancellation() -> None:
    assert one(EFORMS, etat="RECTIFICATIF").kind == "change"
    tree = json.loads(EFORMS["donnees"])
    content = tree["EFORMS"]["ContractNotice"]["ext:UBLExtensions"]["ext:UBLExtension"]["ext:ExtensionContent"]
    content["efext:EformsExtension"]["efac:Changes"] = {
        "efbc:ChangedNoticeIdentifier": "0a1b2c3d-0000-4222-8333-444455556666-01",
        "efac:ChangeReason": {"cbc:ReasonCode": {"@listName": "change-corrig-justification", "#text": "cancel"}},
    }
    notice = one(EFORMS, donnees=json.dumps(tree), etat="RECTIFICATIF", annonce_lie=["24-880001"])
    assert notice.kind == "cancellation"
    assert notice.supersedes == ("24-880001", "0a1b2c3d-0000-4222-8333-444455556666-01")


def test_earlier_notices_are_the_numbers_under_idweb_never_the_dates_beside_them() -> None:
    assert one(CORRECTION).supersedes == ("24-990004",)
    nested = json.dumps({"A": [{"IDWEB": "14-151460", "D": "2014-10-15"}, {"B": {"IDWEB": ["14-151461", "x"]}}]})
    assert one(MAPA, annonces_anterieures=nested).supersedes == ("14-151460", "14-151461")
    assert one(MAPA, annonce_lie="14-151460,24-990002").supersedes == ("14-151460",)


def test_a_correction_states_its_new_deadline_only_where_it_can_be_read_in_one_way() -> None:
    assert one(CORRECTION).deadline.isoformat() == "2024-06-20T11:00:00+02:00"  # type: ignore[union-attr]
    path = "FNSimple.rectificatif.infosRectif"
    vague = within(CORRECTION, "donnees", {path: "La date limite est reportée de huit jours."})
    assert one(vague).deadline.isoformat() == "2024-06-10T11:00:00+02:00"  # type: ignore[union-attr]
    fields = {
        "rectif": [{"rubDelais": "ReceptionOffres", "auLieuDeDate": "2024-06-10", "lireDate": "2024-06-25T10:00:00"}]
    }
    assert one(within(CORRECTION, "donnees", {path: fields})).deadline.isoformat() == "2024-06-25T10:00:00+02:00"  # type: ignore[union-attr]


def test_a_text_with_two_amounts_is_not_turned_into_an_award() -> None:
    text = "Lot 1\nMontant HT : 10,00 Euros\nLot 2\nMontant HT : 20,00 Euros"
    notice = one(within(FNS_AWARD, "donnees", {"FNSimple.attribution.attributionMarche": text}))
    assert [award.value for award in notice.awards] == [None]  # the name in titulaire is still known


def test_a_call_never_carries_winners() -> None:
    assert one(MAPA, titulaire=["Nom Exemple"]).awards == ()


def test_winners_sit_where_the_forms_say_each_name_once_and_of_a_person_the_seat_is_kept() -> None:
    winners = [
        {"DENOMINATION": "Rives Exemple", "CP": "34500", "CODE_NUTS": "FR813"},
        {"DENOMINATION": "Rives Exemple", "CP": "75010"},
        {"DENOMINATION": "Port Exemple", "CP": "20004", "VILLE": "SHANGHAI"},
        {"CP": "21000"},
        {"CP": "21000"},
        {"CP": "", "VILLE": ""},
    ]
    old = {"OBJET": {"OBJET_COMPLET": "Un objet"}, "ATTRIBUTION": {"DECISION": {"TITULAIRE": winners}}}
    (award,) = one(FNS_AWARD, donnees=json.dumps(old)).awards
    assert award.suppliers == (
        Supplier(name="Rives Exemple", place=Nuts("FRJ13")),
        Supplier(name="Port Exemple"),
        Supplier(place=Nuts("FRC11")),
    )
    won = "MAPA.attribution.attribution.resultat.attribue"
    holders = [
        {"PersonneMorale": "Cuisine Exemple", "adr": {"cp": "02999"}},
        {"PersonnePhysique": {"nom": "X"}, "cp": "21000"},
        {"PersonnePhysique": {"nom": "Y"}},
        {"PersonneMorale": ""},
    ]
    (award,) = one(within(MAPA_AWARD, "donnees", {f"{won}.titulaire": holders})).awards
    assert award.suppliers == (
        Supplier(name="Cuisine Exemple", place=Nuts("FRE21")),
        Supplier(place=Nuts("FRC11")),
        Supplier(),
    )


def test_the_name_of_a_person_who_won_is_not_taken_from_the_record_either() -> None:
    won = "MAPA.attribution.attribution.resultat.attribue.titulaire"
    record = within(MAPA_AWARD, "donnees", {won: {"PersonnePhysique": {"nom": "X"}}})
    (award,) = one(record, titulaire=["X"]).awards
    assert award.suppliers == (Supplier(),)


def test_an_empty_cpv_block_is_no_code_and_no_crash() -> None:
    assert one(within(FNS, "donnees", {"FNSimple.initial.natureMarche.codeCPV": {"objetPrincipal": ""}})).cpv == (
        "77311000",
    )


def test_a_zero_amount_is_no_value() -> None:
    assert (
        one(within(FNS, "donnees", {"FNSimple.initial.natureMarche.valeurEstimee": {"valeur": "0.00"}})).value is None
    )


def test_the_platforms_error_inside_a_200_is_said() -> None:
    (item,) = items({"message": "Too many requests", "error_code": "TooManyRequests"})
    assert isinstance(item, Refusal) and "Too many requests" in item.reason


def test_odd_shapes_of_fields_refuse_the_record_or_are_left_out_but_never_raise() -> None:
    odd: list[Any] = [None, [], {}, 7, True, "x", ["x"], {"a": {"b": []}}, [[["x"]]], [{}], ""]
    for field in MAPA:
        for value in odd:
            result = items([{**MAPA, field: value}, FNS])
            assert len(result) == 2, (field, value)
            assert result[1] == one(FNS)


def test_a_record_without_the_buyers_name_takes_it_from_the_form() -> None:
    nameless = within({**FNS, "nomacheteur": None}, "gestion", {"INDEXATION.NOMORGANISME": None})
    assert one(nameless).buyer.name == "Office Exemple"


def test_half_a_character_costs_its_character_not_the_answer() -> None:
    cut = json.dumps({"results": [MAPA, {**FNS, "objet": "Toiture \ud83d"}]})
    first, second = read(cut.encode(), "a test")
    assert first == one(MAPA) and isinstance(second, Notice) and second.title == "Toiture"
    inside = one(within(MAPA, "donnees", {"MAPA.initial.description.objet": "Menuiserie \udc00"}))
    assert inside.description and inside.description.startswith("Menuiserie")


@pytest.mark.parametrize("value", [["a", "b"], {"a": "b"}, []])
@pytest.mark.parametrize("field", ["objet", "nomacheteur", "dateparution", "nature", "idweb"])
def test_a_list_or_object_where_a_text_is_meant_refuses_the_record(field: str, value: Any) -> None:
    refusal, rest = items([{**MAPA, field: value}, FNS])
    assert isinstance(refusal, Refusal) and refusal.reason.startswith(f"{field} is a")
    assert rest == one(FNS)


def test_a_second_root_beside_a_known_form_makes_noise(caplog: pytest.LogCaptureFixture) -> None:
    inner = json.loads(MAPA["donnees"])
    assert one(MAPA, donnees={"@version": "1", "ANNEXE-42": {}, **inner}) == one(MAPA)
    assert "'ANNEXE-42' is not understood" in caplog.text


def test_an_empty_eforms_form_is_refused_not_a_crash() -> None:
    for nothing in ([], [[]], {}, None, ""):
        (refusal,) = items({**EFORMS, "donnees": {"EFORMS": {"ContractNotice": nothing}}})
        assert isinstance(refusal, Refusal) and refusal.reason == "no title"


def test_winners_that_version_1_joins_are_told_apart() -> None:
    poor = {**MAPA_AWARD, "donnees": None}
    joined, listed = one(poor, titulaire="Alpha SARL;Beta SA"), one(poor, titulaire=["Alpha SARL", "Beta SA"])
    assert joined.awards == listed.awards and len(joined.awards) == 2


def test_where_the_contract_is_performed_counts_beside_where_it_was_published() -> None:
    assert one(MAPA, code_departement=["75"], code_departement_prestation="1").departments == ("75", "01")
    assert one(MAPA, code_departement=["75"], code_departement_prestation=["75", "2A"]).departments == ("75", "2A")
