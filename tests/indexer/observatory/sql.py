"""The observatory's figures once more, by SQL over the store alone: no engine, no index, none of the figures' code.

What SQL cannot see is given to it: the départements under NUTS codes as a table, the names and numbers of EPCI as
another, how words of a name compare, which titles tell of a relaunch, and what the numbers of buyers tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from indexer.analysis import words
from indexer.linking.titles import read_title
from tenders.codes import departments
from tests.indexer.observatory.epci import EPCI, names, numbers, spelt
from tests.indexer.observatory.recount import KINDS, LOT_KEYS, number_of

CLASSES = ((0, 25e3), (25e3, 90e3), (90e3, 250e3), (250e3, 1e6), (1e6, 5e6), (5e6, 1e99))

# A row a tender of the scope, with what its record states once. `published` alone places it in time.
SCOPE = """
create temp table scope as
select t.id, t.body ->> '$.merged.published' as published, t.body ->> '$.merged.deadline' as deadline,
  t.body ->> '$.merged.nature' as nature, t.body ->> '$.merged.procedure' as procedure,
  t.body ->> '$.merged.buyer.type' as buyer_type, t.body ->> '$.merged.lot_count' as lot_count,
  json_array_length(t.body, '$.merged.lots') as lots,
  case when t.body ->> '$.merged.value.currency' = 'EUR' then max(0, cast(t.body ->> '$.merged.value.amount' as real))
  end as euros,
  case when t.body ->> '$.cancelled' then 'cancelled' when t.body ->> '$.awarded' then 'awarded'
    when t.closes < :now then 'closed' when t.body ->> '$.planned' then 'planned' else 'open' end as state,
  t.body
from tenders t where t.absorbed_into is null
"""
# The values that a tender may have several of: (name of the figure, a row a tender and value).
CODES = """
create temp table codes as
select s.id, substr(c.value, 1, 2) as code, 1 as published from scope s, json_each(s.body, '$.merged.cpv') c
union select s.id, substr(c.value, 1, 2), 1
from scope s, json_each(s.body, '$.merged.lots') l, json_each(l.value, '$.cpv') c
"""
GUESSED = """
insert into codes
select distinct s.id, substr(g.value ->> '$.code', 1, 2), 0 from scope s, json_each(s.body, '$.cpv_predicted') g
where g.value ->> '$.asserted' and s.id not in (select id from codes where published)
"""
PLACES = """
create temp table places as
select s.id, d.value as dept from scope s, json_each(s.body, '$.merged.departments') d
union select s.id, n.dept from scope s, json_each(s.body, '$.merged.places') p join under n on n.nuts = p.value
union select s.id, n.dept from scope s, json_each(s.body, '$.merged.lots') l, json_each(l.value, '$.places') p
  join under n on n.nuts = p.value
"""
# Whose purchase a tender is: by the number of a buyer, else by its name in the département of its postcode.
EPCIS = """
create temp table epcis as
with standing as (
  select s.id, n.body from scope s join merges m on m.tender_id = s.id join notices n on n.id = m.notice_id
), told as (
  select id, body -> '$.buyer' as buyer from standing
  union all select g.id, c.value from standing g, json_each(g.body, '$.co_buyers') c
), said as (
  select id, number(buyer ->> '$.id', buyer ->> '$.country') as number, spelt(buyer ->> '$.name') as name,
    replace(buyer ->> '$.postcode', ' ', '') as postcode, coalesce(buyer ->> '$.country', 'FR') as country from told
), placed as (
  select *, case when postcode in ('97133', '97150') then iif(postcode = '97133', '977', '978')
    when substr(postcode, 1, 2) in ('97', '98') then substr(postcode, 1, 3)
    when postcode in ('20000', '20090') or substr(postcode, 1, 3) in ('201', '203', '205', '207') then '2A'
    when substr(postcode, 1, 3) in ('202', '204', '206') then '2B' else substr(postcode, 1, 2) end as dept
  from said
)
select p.id, e.siren from placed p join epci_numbers e using (number)
union select p.id, e.siren from placed p join epci_names e using (name, dept)
  where p.number is null and p.country in ('FR', 'RE')
"""
WINNERS = """
create temp table winners as
select distinct s.id, case w.value ->> '$.size' when 'large' then 'large' else 'sme' end as size
from scope s, json_each(s.body, '$.merged.awards') a, json_each(a.value, '$.suppliers') w
where w.value ->> '$.size' is not null
"""
# Who won what: a lot is counted once, the whole as one; a place is a département where it lies in one alone. What was
# won by nobody knows whom is a row too; a lot without a winner, a price and a date was won by nobody.
WON = """
create temp table won as
select s.id, coalesce(lot_of(a.value ->> '$.lot'), '') as lot, w.value ->> '$.size' as size,
  case when w.value ->> '$.place' is null then null when w.value ->> '$.place' not like 'FR%' then '99'
    else (select max(dept) from under where nuts = w.value ->> '$.place' group by nuts having count(*) = 1) end as seat
from scope s, json_each(s.body, '$.merged.awards') a, json_each(a.value, '$.suppliers') w
union all select s.id, '', null, null
from scope s, json_each(s.body, '$.merged.awards') a
where json_array_length(a.value, '$.suppliers') = 0 and (a.value ->> '$.lot' is null
  or a.value ->> '$.value' is not null or a.value ->> '$.date' is not null)
"""
SIZED = """
create temp table sized as
select id, lot, max(size <> 'large') as sme from won where size is not null group by id, lot
"""
LOCAL = """
create temp table local as
select id, case
  when exists (select 1 from won w join places p on p.id = w.id and p.dept = w.seat where w.id = s.id and seat <> '99')
  then 'yes'
  when exists (select 1 from won w where w.id = s.id) and exists (select 1 from places p where p.id = s.id)
    and not exists (select 1 from won w where w.id = s.id and seat is null)
    and not exists (select 1 from won w join places p on p.id = w.id and p.dept = w.seat where w.id = s.id)
  then 'no' else 'unknown' end as told
from scope s
"""
LOTS = """
create temp table lots as
select id, max(lots, coalesce(lot_count, 0)) as lots from scope where lots > 0 or lot_count is not null
"""
STANDING = """
create temp table standing as
select s.id, n.source, n.body from scope s join merges m on m.tender_id = s.id join notices n on n.id = m.notice_id
"""
BUYERS = """
create temp table buyers as select distinct id, name, number from (
  select id, fold(body ->> '$.buyer.name') as name, number(body ->> '$.buyer.id', body ->> '$.buyer.country') as number
  from standing
  union all select g.id, fold(c.value ->> '$.name'), number(c.value ->> '$.id', c.value ->> '$.country')
  from standing g, json_each(g.body, '$.co_buyers') c
)
"""
OFFERS = """
create temp table offers as
select id, bids from (
  select s.id, cast(a.value ->> '$.bids' as integer) as bids,
    row_number() over (partition by s.id order by cast(a.value ->> '$.bids' as integer)) as place,
    count(*) over (partition by s.id) as held
  from scope s, json_each(s.body, '$.merged.awards') a where a.value ->> '$.bids' is not null
) where place = (held + 1) / 2
"""
ANSWER = """
create temp table answer as select id, days from (
  select id, cast(julianday(paris(deadline)) - julianday(published) as integer) as days from scope
  where deadline is not null and published is not null
) where days >= 0
"""
CALLED = "(id in (select id from standing where body ->> '$.kind' in ('competition', 'change')))"
AWARDED = """(select max(a.value ->> '$.value.currency' = 'EUR') from json_each(body, '$.merged.awards') a)"""
LOTS_OF = "sized join scope using (id)"
HELD = "(id in (select id from winners))"
# Figures by name, with a query that gives values and their counts; what a name is filled with stands first..
COUNTED = (
    ("natures", "select nature, count(*) from scope group by 1"),
    ("procedures", "select procedure, count(*) from scope group by 1"),
    ("buyer_types", "select buyer_type, count(*) from scope group by 1"),
    ("divisions", "select code, count(distinct id) from codes group by 1"),
    ("places", "select dept, count(*) from places group by 1"),
    ("winners", "select size, count(*) from winners group by 1"),
    ("seats", "select seat, count(distinct id) from won group by 1"),
    ("local", "select told, count(*) from local group by 1"),
    ("local of {0}", "select nature, told, count(*) from local join scope using (id) group by 1, 2"),
    ("sized lots of {0}", f"select nature, 'tenders', count(distinct id) from {LOTS_OF} group by 1"),
    ("sized lots of {0}", f"select nature, 'sum', count(*) from {LOTS_OF} group by 1"),
    ("sme lots of {0}", f"select nature, 'tenders', count(distinct id) from {LOTS_OF} where sme group by 1"),
    ("sme lots of {0}", f"select nature, 'sum', count(*) from {LOTS_OF} where sme group by 1"),
    ("sources", "select source, count(distinct id) from standing group by 1"),
    ("states", "select state, count(*) from scope group by 1"),
    ("buyers", "select name, count(distinct id) from buyers where name <> '' group by 1"),
    ("buyer_categories", "select kind(number), count(distinct id) from buyers group by 1"),
    ("months", "select substr(published, 1, 7), count(*) from scope group by 1"),
    (
        "months with a call",
        f"select substr(published, 1, 7), sum({CALLED}) from scope group by 1",
    ),
    ("months of {0}", "select nature, substr(published, 1, 7), count(*) from scope group by 1, 2"),
    ("winners of {0}", "select nature, size, count(*) from winners join scope using (id) group by 1, 2"),
    ("winners of {0}", f"select nature, 'known', sum({HELD}) from scope group by 1"),
    ("winners of {0}", f"select nature, 'unknown', sum(not {HELD}) from scope group by 1"),
)
KNOWN = (
    ("natures", "select count(nature) from scope"),
    ("procedures", "select count(procedure) from scope"),
    ("buyer_types", "select count(buyer_type) from scope"),
    ("divisions", "select count(distinct id) from codes"),
    ("places", "select count(distinct id) from places"),
    ("winners", "select count(distinct id) from winners"),
    ("calls", f"select coalesce(sum({CALLED}), 0) from scope"),
    ("buyers", "select count(distinct id) from buyers where name <> ''"),
    ("buyer_ids", "select count(distinct id) from buyers where number is not null"),
    ("buyer_categories", "select count(distinct id) from buyers where kind(number) is not null"),
    ("seats", "select count(distinct id) from won where seat is not null"),
    ("values", "select count(euros) from scope"),
    ("award_values", f"select count(*) from scope where {AWARDED}"),
    ("lots", "select count(*) from lots"),
    ("answer", "select count(*) from answer"),
    ("offers", "select count(*) from offers"),
)
ALONE = (
    ("total", "select count(*) from scope"),
    ("lots sum", "select coalesce(sum(lots), 0) from lots"),
    ("sized lots tenders", "select count(distinct id) from sized"),
    ("sized lots sum", "select count(*) from sized"),
    ("sme lots tenders", "select count(distinct id) from sized where sme"),
    ("sme lots sum", "select count(*) from sized where sme"),
    ("months unknown", "select count(*) from scope where published is null"),
    ("estimated", "select count(distinct id) from codes where not published"),
    (
        "unannounced",
        "select count(*) from scope where state = 'closed' and published <= date(:today, '-180 days')",
    ),
    ("relaunches", "select count(distinct id) from standing where relaunched(body ->> '$.title')"),
)
FLAGS = ("green", "social", "reserved", "innovation", "sme", "framework", "eu_funded")


def _paris(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Paris")).date().isoformat()


def _open(database: Path) -> sqlite3.Connection:
    store = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    store.create_function("fold", 1, lambda name: " ".join(words(name or "")), deterministic=True)
    store.create_function("relaunched", 1, lambda title: read_title(title).relaunch, deterministic=True)
    store.create_function("number", 2, number_of, deterministic=True)
    store.create_function("kind", 1, KINDS.get, deterministic=True)
    store.create_function("lot_of", 1, lambda lot: LOT_KEYS.get(lot, lot), deterministic=True)
    store.create_function("paris", 1, _paris, deterministic=True)
    store.create_function("spelt", 1, spelt, deterministic=True)
    store.execute("create temp table epci_numbers (siren, number)")
    store.execute("create temp table epci_names (siren, name, dept)")
    for one in EPCI:
        store.executemany("insert into epci_numbers values (?, ?)", [(one, number) for number in numbers(one)])
        store.executemany("insert into epci_names values (?, ?, ?)", [(one, *named) for named in names(one)])
    store.execute("create temp table under (nuts, dept)")
    for code in departments():
        levels = [(code.nuts[:length], code) for length in (3, 4, 5)] if code.nuts else []
        store.executemany("insert into under values (?, ?)", levels)
    return store


def recount_by_sql(database: Path, where: str, now: datetime) -> dict[str, Any]:
    """Count every figure of the tenders of a store that a condition on `scope`, `codes`, `places`, `epcis` selects.

    Names are those of `tests.indexer.observatory.recount`.
    """
    said = {"now": now.astimezone(ZoneInfo("UTC")).isoformat(timespec="microseconds"), "today": _paris(now.isoformat())}
    with closing(_open(database)) as store:
        store.execute(SCOPE, {"now": said["now"]})
        store.execute("create index temp.by_id on scope (id)")
        for made in (CODES, GUESSED, PLACES, *((EPCIS,) if "epcis" in where else ())):
            store.execute(made)
        store.execute(f"delete from scope where ({where}) is not true")
        for table in ("codes", "places"):
            store.execute(f"delete from {table} where id not in (select id from scope)")
        for made in (WINNERS, WON, SIZED, LOCAL, LOTS, STANDING, BUYERS, OFFERS, ANSWER):
            store.execute(made)
        return dict(_figures(store, said))


def _figures(store: sqlite3.Connection, said: dict[str, str]) -> Iterator[tuple[str, int | None]]:
    def one(query: str) -> int:
        held = {name: value for name, value in said.items() if f":{name}" in query}
        count: int = store.execute(query, held).fetchone()[0]
        return count

    total = one("select count(*) from scope")
    for name, query in ALONE:
        yield name, one(query)
    for name, query in COUNTED:
        rows = store.execute(query).fetchall()
        yield from ((f"{name.format(*row)} {row[-2]}", row[-1]) for row in rows if None not in row)
    for name, query in KNOWN:
        yield f"{name} known", one(query)
        yield f"{name} unknown", total - one(query)
    for least, bound in CLASSES:
        within = f"from scope where euros >= {least} and euros < {bound}"
        yield f"values {least:.0f}", one(f"select count(*) {within}")
        for size, held in (("known", ""), ("sme", " where sme")):
            among = f"{within} and id in (select id from sized{held})"
            yield f"sized values {size} {least:.0f}", one(f"select count(*) {among}")
    for name in FLAGS:
        stated = f"select coalesce(body ->> '$.merged.strategic.{name}', 'unknown'), count(*) from scope group by 1"
        yield from ((f"clauses {name} {value}", count) for value, count in store.execute(stated))
    for name, table, column in (("answer", "answer", "days"), ("offers", "offers", "bids"), ("lots", "lots", "lots")):
        held = [value for (value,) in store.execute(f"select min({column}, 999) from {table} order by 1")]
        yield f"{name} median", held[(len(held) - 1) // 2] if held else None
