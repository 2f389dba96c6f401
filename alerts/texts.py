"""What mails say: English here, other languages by the catalogue. `{}` are places, filled in order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from alerts.model import MatchKind
from tenders.translations import N_, NN_, translator

# How many of a kind: alone at the head of a sentence, then after another count.
_COUNTS: Final = {
    MatchKind.NEW: (NN_("{} new tender", "{} new tenders"), NN_("{} new", "{} new")),
    MatchKind.CHANGED: (NN_("{} tender changed", "{} tenders changed"), NN_("{} changed", "{} changed")),
    MatchKind.CANCELLED: (NN_("{} tender cancelled", "{} tenders cancelled"), NN_("{} cancelled", "{} cancelled")),
    MatchKind.LEFT: (NN_("{} tender left your search", "{} tenders left your search"), NN_("{} left", "{} left")),
    MatchKind.ENDING: (
        NN_("{} tender closing soon", "{} tenders closing soon"),
        NN_("{} closing soon", "{} closing soon"),
    ),
}
# Said by their count.
_COUNTED: Final = {
    "sources": NN_("1 source followed", "{} sources followed"),
    "read": NN_(
        "1 new notice read for this digest, all sources together.",
        "{} new notices read for this digest, all sources together.",
    ),
    "lots_added": NN_("Lot added", "Lots added"),
    "lots_removed": NN_("Lot removed", "Lots removed"),
    "documents_added": NN_("1 document added", "{} documents added"),
    "documents_removed": NN_("1 document removed", "{} documents removed"),
    "new": NN_("New", "New"),
    "changed": NN_("Changed", "Changed"),
    "cancelled": NN_("Cancelled", "Cancelled"),
    "left": NN_("No longer in your search", "No longer in your search"),
    "ending": NN_("Closing soon", "Closing soon"),
}
_TEXTS: Final = {
    "colon": N_(": "),
    "nothing": N_("No new tender"),
    "part": N_("Part {} of {} of this digest"),
    "alert": N_("Alert"),
    "search": N_("Your search"),
    "ending_note": N_("Sent before, reminded once only."),
    "nearest": N_("Closest"),
    "no_deadline": N_("Deadline unknown"),
    "displayed": N_("displayed until {}, deadline not published"),
    "planned": N_("Announced project"),
    "closed": N_("Closed"),
    "since": N_("since {}"),
    "was_displayed": N_("no longer displayed since {}"),
    "still": N_("Still {}"),
    "remaining": N_("You have {} left"),
    "last_day": N_("This is the last day"),
    "one_day": N_("1\u00a0day"),
    "cancelled_word": N_("Cancelled"),
    "awarded_word": N_("Awarded"),
    "awarded_to": N_("to {}"),
    "left_word": N_("No longer answers your search"),
    "according": N_("according to {}"),
    "of": N_("of {}"),
    "no_value": N_("Value not published"),
    "no_lots": N_("no lots"),
    "one_lot": N_("single lot"),
    "lots": N_("{}\u00a0lots"),
    "lot": N_("Lot {}"),
    "lot_of": N_("Lot {} of {}"),
    "reserved": N_("Reserved contract"),
    "departments": N_("{} départements"),
    "seen": N_("Seen on {}"),
    "why": N_("Why you"),
    "former": N_("It answered your search before this one."),
    "estimated_cpv": N_("estimated CPV\u00a0{}"),
    "mark": N_("Report a wrong code"),
    "in_title": N_("in the title"),
    "in_lot": N_("in a lot"),
    "at_lot": N_("in lot\u00a0{}"),
    "in_description": N_("in the description"),
    "in_buyer": N_("in the buyer’s name"),
    "in_reference": N_("in the reference"),
    "this_buyer": N_("this buyer"),
    "winner_sme": N_("won by an SME"),
    "winner_large": N_("won by a large company"),
    "winner_dept": N_("a winner’s seat ({})"),
    "local_yes": N_("won by a local firm"),
    "local_no": N_("won by firms from elsewhere"),
    "before": N_("before"),
    "now": N_("now"),
    "others": N_("and {} more"),
    "deadline_later": N_("Deadline extended by {}"),
    "deadline_sooner": N_("Deadline brought forward by {}"),
    "deadline_hour": N_("Closing hour changed"),
    "deadline_known": N_("Deadline published"),
    "deadline_gone": N_("Deadline withdrawn"),
    "display_later": N_("Displayed longer"),
    "display_sooner": N_("Displayed for less time"),
    "until": N_("displayed until {}"),
    "day_1": N_("1\u00a0day"),
    "days": N_("{}\u00a0days"),
    "value": N_("Value"),
    "value_known": N_("Value published"),
    "value_gone": N_("Value withdrawn"),
    "cancelled_off": N_("Cancellation lifted, the tender goes on"),
    "awarded_off": N_("Award withdrawn"),
    "award": N_("Award"),
    "award_lot": N_("lot {}"),
    "award_nobody": N_("no winner known"),
    "other_change": N_("Other change"),
    "reverted": N_("Back to what you were sent"),
    "see_all": N_("See all tenders of this search"),
    "checked": N_("What we checked"),
    "fresh": N_("{} up to date"),
    "late": N_("{} late"),
    "doubtful": N_("{} to be checked"),
    "last": N_("last read {}"),
    "never": N_("never read"),
    "read_0": N_("No new notice read for this digest, all sources together."),
    "unsubscribe": N_("Unsubscribe from this alert"),
    "manage": N_("Manage my alerts"),
    "because": N_("You get this mail because you confirmed the alert {} on {}."),
    "because_plain": N_("You get this mail because you confirmed this alert on {}."),
    "because_report": N_("You get this mail each month because you confirmed this report on {}."),
    "because_set": N_("You get this mail because this alert is set for your address."),
    "privacy": N_("No tracking, no remote image."),
    "hours": N_("Hours are those of Paris."),
    "among": N_("among them {}"),
}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return what mails say in a language."""
    _ = translator(language).gettext
    return {name: _(text) for name, text in _TEXTS.items()}


def counted(name: str, count: int, language: str) -> str:
    """Return a text by its count, with the count in it where it has a place."""
    return translator(language).ngettext(*_COUNTED[name], count).format(count)


def headline(counts: Mapping[MatchKind, int], language: str) -> str:
    """Say how many of each kind: ``3 nouveaux marchés, 1 modifié, 2 bientôt clos``."""
    say = translator(language).ngettext
    said: list[str] = []
    for kind, (first, after) in _COUNTS.items():
        if count := counts.get(kind, 0):
            said.append(say(*(after if said else first), count).format(count))
    return ", ".join(said) or texts(language)["nothing"]
