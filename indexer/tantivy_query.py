"""A Plan in tantivy's words. A person's text is never given to tantivy's own parser."""

from __future__ import annotations

import re

import tantivy as tv

from indexer.fields import WEIGHTS
from indexer.plan import CURRENT_BONUS, All, Beginning, Leaf, No, Plan, Run, Span, Term
from indexer.tantivy_index import SCHEMA

_MAX = (1 << 63) - 1


def compile_plan(wanted: Plan, *more: Leaf, without: str | None = None) -> tv.Query:
    """Return the query for a plan less one of its filters, with more conditions; only words score."""
    must = [(tv.Occur.Must, _compile(wanted.text))] if wanted.text is not None else []
    filters = (*wanted.without(without), *more)
    must += [(tv.Occur.Must, tv.Query.const_score_query(_compile(leaf), 0.0)) for leaf in filters]
    if not must:
        return tv.Query.all_query()
    return must[0][1] if len(must) == 1 else tv.Query.boolean_query(must)


def compile_ranked(wanted: Plan) -> tv.Query:
    """Return the query for a plan with higher scores for what is current; it selects the same."""
    conditions = compile_plan(wanted)
    if wanted.text is None:
        return conditions
    current = tv.Query.const_score_query(_compile(wanted.current), CURRENT_BONUS)
    return tv.Query.boolean_query([(tv.Occur.Must, conditions), (tv.Occur.Should, current)])


def _compile(leaf: Leaf) -> tv.Query:
    if isinstance(leaf, Term):
        term = tv.Query.term_query(SCHEMA, leaf.field, leaf.token, "freq" if leaf.field in WEIGHTS else "basic")
        return _weigh(leaf.field, term)
    if isinstance(leaf, Run):
        return _weigh(leaf.field, tv.Query.phrase_query(SCHEMA, leaf.field, list(leaf.tokens)))
    if isinstance(leaf, Beginning):
        # Not phrase_prefix_query: on one word it cuts its expansions in silence.
        return _weigh(leaf.field, tv.Query.regex_query(SCHEMA, leaf.field, re.escape(leaf.prefix) + ".*"))
    if isinstance(leaf, Span):
        low = 0 if leaf.low is None else max(0, leaf.low)
        high = _MAX if leaf.high is None else leaf.high
        if high < low:
            return tv.Query.empty_query()
        return tv.Query.range_query(SCHEMA, leaf.field, tv.FieldType.Unsigned, low, high)
    if isinstance(leaf, No):
        everything = (tv.Occur.Must, tv.Query.const_score_query(tv.Query.all_query(), 0.0))
        return tv.Query.boolean_query([everything, (tv.Occur.MustNot, _compile(leaf.part))])
    if not leaf.parts:
        return tv.Query.const_score_query(tv.Query.all_query(), 0.0)
    occur = tv.Occur.Must if isinstance(leaf, All) else tv.Occur.Should
    return tv.Query.boolean_query([(occur, _compile(part)) for part in leaf.parts])


def _weigh(field: str, query: tv.Query) -> tv.Query:
    weight = WEIGHTS.get(field, 1.0)
    return query if weight == 1.0 else tv.Query.boost_query(query, weight)
