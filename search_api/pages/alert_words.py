"""What the pages of alerts say of rhythms, news and volumes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from hashlib import sha256

from indexer.observatory.naming import name_month
from search_api.looking_back import Volume
from tenders.due import next_due, next_report, report_day
from tenders.phrasing import day, hour
from tenders.query_words import describe
from tenders.status import paris_day
from tenders.subscription import Kind, News, Rhythm, Subscription
from tenders.translations import N_, translator

RHYTHMS = {
    Rhythm.INSTANT: (N_("At once"), N_("a mail as soon as a notice appears")),
    Rhythm.DAILY: (N_("Daily"), N_("one mail a day at most, from 7:00, only where there is news")),
    Rhythm.WEEKLY: (N_("Weekly"), N_("one mail a week at most, from Monday 7:00")),
}
MONTHLY = N_("one mail a month, from the first at 7:00, about the month before")
NEWS = {
    News.DEADLINE: N_("the deadline changes, or the tender is cancelled"),
    News.DOCUMENTS: N_("documents, lots or the value change"),
    News.AWARD: N_("the contract is awarded"),
    News.ENDING: N_("three days are left to bid"),
}
SHORT_NEWS = {
    News.DEADLINE: N_("moved deadlines and cancellations"),
    News.DOCUMENTS: N_("documents, lots and value"),
    News.AWARD: N_("award"),
    News.ENDING: N_("three days left"),
}
# What somebody agrees to who asks for an alert. It must stay true.
PRIVACY = N_(
    "Your address serves these mails and nothing else: no account, no password, no tracking. Your searches stay on "
    "this server. Without your confirmation all is erased after 7 days, and so is what you stop. Every mail lets you "
    "unsubscribe with one click."
)


def wording(language: str) -> str:
    """Return the version of what is agreed to: its language and the beginning of its hash."""
    return f"{language}-{sha256(translator(language).gettext(PRIVACY).encode()).hexdigest()[:8]}"


def say_search(one: Subscription, language: str) -> str:
    """Say what an alert or a report follows; where its saved search no longer reads, that it is so."""
    if one.unreadable:
        return translator(language).gettext("This saved search no longer reads, and nothing comes of it: make it anew.")
    return describe(one.query, language)


def say_rate(volume: Volume, language: str) -> str:
    """Say a volume as a rate: ``about 3 a week``."""
    say = translator(language)
    weekly, monthly = round(volume.weekly), round(volume.weekly * 30 / 7)
    if volume.total == 0:
        return say.gettext("none in 90 days")
    if weekly >= 1:
        return say.ngettext("about %(count)d a week", "about %(count)d a week", weekly) % {"count": weekly}
    if monthly >= 1:
        return say.ngettext("about %(count)d a month", "about %(count)d a month", monthly) % {"count": monthly}
    return say.gettext("less than one a month")


def say_news(news: Collection[News], language: str) -> str:
    """Say what else is told: ``moved deadlines and cancellations, award``."""
    _ = translator(language).gettext
    return ", ".join(_(text) for one, text in SHORT_NEWS.items() if one in news) or _("nothing else")


def say_next(one: Subscription, now: datetime, told: Collection[date], language: str) -> str:
    """Say when the next mail of an alert or a report comes; `told` are the local days of the mails before."""
    if one.unreadable:
        return translator(language).gettext("none")
    start = one.paused_until if one.is_paused(now) and one.paused_until else now
    if one.kind is Kind.REPORT:
        due = next_report(one.confirmed or one.created, start, told)
        at_once, paused = N_("today"), N_("after %(day)s, about %(month)s")
        later = N_("%(day)s from %(hour)s, about %(month)s")
    else:
        due = next_due(one.rhythm, now, list(told)) if start == now else start
        at_once = N_("as soon as a notice appears")
        if one.rhythm is not Rhythm.INSTANT:
            at_once = N_("today, as soon as there is news")
        paused = N_("after %(day)s, with what comes meanwhile")
        later = N_("%(day)s from %(hour)s, where there is news")
    month = (report_day(due) - timedelta(days=1)).isoformat()[:7]
    return translator(language).gettext(later if due > start else paused if start > now else at_once) % {
        "day": day(paris_day(due), language, now=now, weekday=due > start),
        "hour": hour(due, language),
        "month": name_month(month, language),
    }
