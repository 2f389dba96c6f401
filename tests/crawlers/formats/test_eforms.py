"""What eForms' fields become, on invented notices that differ in one thing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from crawlers.formats import Refusal
from crawlers.formats.eforms import read
from crawlers.formats.eforms_codes import KINDS, country, language
from tenders.model import Money, Notice, NoticeKind
from tests.conftest import EXAMPLES

CALL = (EXAMPLES / "eforms/call.xml").read_text()
RESULT = (EXAMPLES / "eforms/result.xml").read_text()


def one(xml: str) -> Notice:
    (item,) = read(xml.encode(), "a test")
    assert isinstance(item, Notice), item
    return item


def refused(xml: str) -> Refusal:
    (item,) = read(xml.encode(), "a test")
    assert isinstance(item, Refusal)
    return item


@pytest.mark.parametrize(("code", "kind"), KINDS.items())
def test_each_notice_type_has_its_kind(code: str, kind: NoticeKind) -> None:
    assert one(CALL.replace(">cn-standard<", f">{code}<")).kind is kind


def test_an_unknown_notice_type_is_refused_under_the_notices_number() -> None:
    refusal = refused(CALL.replace(">cn-standard<", ">cn-new<"))
    assert refusal == Refusal("301234-2024", "unknown notice type 'cn-new'")


@pytest.mark.parametrize(
    ("subtype", "kind"),
    [("CEI", "competition"), ("T02", "result"), ("E1", "consultation"), ("E5", "completion"), ("40", "modification")],
)
def test_without_a_type_the_subtype_decides(subtype: str, kind: str) -> None:
    typeless = CALL.replace('<cbc:NoticeTypeCode listName="competition">cn-standard</cbc:NoticeTypeCode>', "")
    assert one(typeless.replace(">16</cbc:SubTypeCode>", f">{subtype}</cbc:SubTypeCode>")).kind == kind


def test_the_deadline_keeps_its_own_offset() -> None:
    moved = CALL.replace("12:00:00+02:00", "12:00:00-03:00")
    assert one(moved).lots[0].deadline == datetime.fromisoformat("2024-06-03T12:00:00-03:00")
    assert one(moved).lots[0].deadline.isoformat().endswith("-03:00")  # type: ignore[union-attr]


def test_the_earliest_lot_sets_the_notices_deadline() -> None:
    early = CALL.replace("<cbc:EndDate>2024-06-05+02:00", "<cbc:EndDate>2024-06-01+02:00")
    assert one(early).deadline == datetime.fromisoformat("2024-06-01T23:59:59+02:00")


def test_a_deadline_for_requests_to_participate_counts_too() -> None:
    restricted = CALL.replace("TenderSubmissionDeadlinePeriod", "ParticipationRequestReceptionPeriod")
    assert one(restricted).deadline == datetime.fromisoformat("2024-06-03T12:00:00+02:00")


def test_a_day_that_does_not_exist_refuses_the_notice() -> None:
    assert "2024-02-31" in refused(CALL.replace("2024-06-03+02:00", "2024-02-31+01:00")).reason


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("00301234-2024", "301234-2024"),
        ("301234-2024", "301234-2024"),
        ("2023-604437", "2023-604437"),
        ("n.a.", "0a1b2c3d-1111-4222-8333-444455556666-01"),
    ],
)
def test_a_notice_goes_by_its_publication_number_else_by_its_own_identifier(given: str, key: str) -> None:
    assert one(CALL.replace("00301234-2024", given)).source_id == key


def test_only_a_number_of_ted_makes_a_page_on_ted() -> None:
    assert one(CALL).url == "https://ted.europa.eu/en/notice/-/detail/301234-2024"
    assert one(CALL.replace("00301234-2024", "2023-604437")).url is None
    assert one(CALL.replace("00301234-2024", "2023-604437")).links == {}


def test_groups_of_lots_and_parts_are_no_lots() -> None:
    assert [lot.id for lot in one(CALL).lots] == ["LOT-0001", "LOT-0002"]
    parts = CALL.replace('schemeName="Lot"', 'schemeName="Part"')
    assert one(parts).lots == () and one(parts).lot_count is None


def test_the_leader_of_a_group_of_buyers_comes_first() -> None:
    head, member, tail = CALL.rpartition("<efac:Company>")
    assert "ORG-0003" in tail and "ORG-0002" not in tail.partition("</efac:Company>")[0]
    led = f"{head}<efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator>{member}{tail}"
    assert one(led).buyer.name == "Communauté de communes du Haut-Montel"
    assert [buyer.name for buyer in one(led).co_buyers] == ["Ville de Valmontel"]


@pytest.mark.parametrize(
    ("old", "new", "flag", "value"),
    [
        (">clim-mitig<", ">none<", "green", False),
        ("environmental-impact", "social-objective", "green", None),
        ("environmental-impact", "social-objective", "social", True),
        ("environmental-impact", "innovative-acquisition", "innovation", True),
        (">res-ws<", ">none<", "reserved", False),
        (">true</cbc:SMESuitableIndicator>", ">false</cbc:SMESuitableIndicator>", "sme", False),
        (">eu-funds<", ">no-eu-funds<", "eu_funded", False),
        (">eu-funds<", ">LIFE_2021<", "eu_funded", True),
        ('framework-agreement">none', 'framework-agreement">fa-wo-rc', "framework", True),
        ('dps-usage">none', 'dps-usage">dps-nlist', "dps", True),
        ('listName="dps-usage"', 'listName="other"', "dps", None),
    ],
)
def test_what_a_buyer_declares_is_yes_no_or_not_stated(old: str, new: str, flag: str, value: bool | None) -> None:
    assert old in CALL
    assert getattr(one(CALL.replace(old, new)).strategic, flag) is value


def test_one_reserved_lot_makes_the_notice_reserved_though_another_says_none() -> None:
    assert CALL.count(">none</cbc:TendererRequirementTypeCode>") == 1
    assert one(CALL).strategic.reserved is True


def test_a_contract_names_the_winner_not_the_ranked_loser() -> None:
    award = one(RESULT).awards[0]
    assert [who.name for who in award.suppliers] == ["Toitures du Haut-Montel SARL", None]
    assert [who.place for who in award.suppliers] == ["FRC11", "FRC11"]  # the second a person, who is not named
    assert award.value == Money(Decimal("231500.00"))
    assert award.bids == 5 and award.date is not None and award.date.isoformat() == "2024-07-09"


def test_a_lot_without_a_winner_has_no_supplier_even_if_tenders_are_named() -> None:
    lost = RESULT.replace(">selec-w<", ">clos-nw<")
    assert one(lost).awards[0].suppliers == () and one(lost).awards[0].value is None


def test_a_withheld_field_is_not_a_value() -> None:
    masked = RESULT.replace('currencyID="EUR">231500<', 'currencyID="EUR">-1<').replace(">small<", ">unpublished<")
    masked = masked.replace("2024-07-09+02:00", "1970-01-01Z").replace("2024-07-25+02:00", "1970-01-01Z")
    award = one(masked).awards[0]
    assert award.value is None and award.date is None and award.suppliers[0].size is None


def test_another_language_of_the_notice_changes_which_text_is_the_translation() -> None:
    german = one(CALL.replace("<cbc:NoticeLanguageCode>FRA", "<cbc:NoticeLanguageCode>DEU"))
    assert german.language == "de" and german.title == "Erneuerung der Dächer der Lindenschule"
    assert german.translations["fr"].title == "Réfection des toitures de l’école des Tilleuls"


def test_the_framework_ceiling_stands_in_for_a_missing_estimate() -> None:
    plain = '<cbc:EstimatedOverallContractAmount currencyID="EUR">240000</cbc:EstimatedOverallContractAmount>'
    ceiling = (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        '<efbc:FrameworkMaximumAmount currencyID="EUR">500000</efbc:FrameworkMaximumAmount>'
        "</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )
    assert one(CALL.replace(plain, ceiling, 1)).value == Money(Decimal("500000.00"))


@pytest.mark.parametrize(
    ("code", "iso"), [("FRA", "fr"), ("DEU", "de"), ("ell", "el"), ("NOR", "no"), ("GLE", "ga"), ("xxq", None)]
)
def test_languages_are_iso_639_1(code: str, iso: str | None) -> None:
    assert language(code) == iso


@pytest.mark.parametrize(("code", "iso"), [("FRA", "FR"), ("GRC", "GR"), ("GBR", "GB"), ("1A0", "XK"), ("ZZ9", None)])
def test_countries_are_iso_3166_alpha_2(code: str, iso: str | None) -> None:
    assert country(code) == iso


def settle(xml: str, lot: str, tenders: str, contract: str) -> str:
    """Return the result with its second lot won by other tenders, under a contract."""
    refs = "".join(
        f'<efac:LotTender><cbc:ID schemeName="tender">{name}</cbc:ID></efac:LotTender>' for name in tenders.split()
    )
    return xml.replace(">clos-nw</cbc:TenderResultCode>", f">selec-w</cbc:TenderResultCode>{refs}").replace(
        f'<efac:TenderLot><cbc:ID schemeName="Lot">{lot}</cbc:ID></efac:TenderLot>\n            </efac:LotResult>',
        f'<efac:SettledContract><cbc:ID schemeName="contract">{contract}</cbc:ID></efac:SettledContract>'
        f'<efac:TenderLot><cbc:ID schemeName="Lot">{lot}</cbc:ID></efac:TenderLot></efac:LotResult>',
    )


SECOND = (
    '<efac:LotTender><cbc:ID schemeName="tender">TEN-0003</cbc:ID><cac:LegalMonetaryTotal>'
    '<cbc:PayableAmount currencyID="EUR">1000</cbc:PayableAmount></cac:LegalMonetaryTotal>'
    '<efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-0002</cbc:ID></efac:TenderingParty>'
    '<efac:TenderLot><cbc:ID schemeName="Lot">LOT-0002</cbc:ID></efac:TenderLot></efac:LotTender>'
)
SIGNED = (
    '<efac:LotTender><cbc:ID schemeName="tender">TEN-0001</cbc:ID></efac:LotTender>\n'
    "            </efac:SettledContract>"
)


def amounts(notice: Notice) -> list[str | None]:
    return [str(award.value.amount) if award.value else None for award in notice.awards]


def test_a_contract_over_two_lots_gives_each_lot_its_own_winner_and_price() -> None:
    both = SIGNED.replace("</efac:SettledContract>", SIGNED.replace("TEN-0001", "TEN-0003"))
    assert SIGNED in RESULT
    xml = settle(RESULT, "LOT-0002", "TEN-0003", "CON-0001").replace(SIGNED, both + SECOND)
    notice = one(xml)
    assert amounts(notice) == ["231500.00", "1000.00"]
    assert notice.awards[0].suppliers != notice.awards[1].suppliers


def test_a_contract_of_another_lot_does_not_outweigh_the_tender_that_a_lot_names() -> None:
    xml = settle(RESULT, "LOT-0002", "TEN-0003", "CON-0001").replace(SIGNED, SIGNED + SECOND)
    assert amounts(one(xml)) == ["231500.00", "1000.00"]


def test_a_tender_for_a_group_of_lots_wins_the_lot_that_names_it() -> None:
    grouped = RESULT.replace(
        '<efac:TenderLot><cbc:ID schemeName="Lot">LOT-0001</cbc:ID></efac:TenderLot>\n            </efac:LotTender>',
        '<efac:TenderLot><cbc:ID schemeName="LotsGroup">GLO-0001</cbc:ID></efac:TenderLot></efac:LotTender>',
        1,
    )
    assert grouped != RESULT and amounts(one(grouped)) == ["231500.00", None]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2015/S 229-417277", "417277-2015"),
        ("2022/S 020-050665", "50665-2022"),
        ("00050665-2022", "50665-2022"),
        ("2022-919032", "2022-919032"),
    ],
)
def test_a_number_of_the_official_journal_names_the_notice_as_ted_does(written: str, kept: str) -> None:
    correction = (EXAMPLES / "eforms/correction.xml").read_text()
    (named,) = one(correction).supersedes
    assert one(correction.replace(named, written)).supersedes == (kept,)


def test_a_refusal_repeats_no_more_than_the_beginning_of_a_label() -> None:
    assert len(refused(CALL.replace(">cn-standard<", f">{'x' * 6000}<")).reason) < 100
    assert len(refused(f"<{'x' * 6000}/>").reason) < 200
