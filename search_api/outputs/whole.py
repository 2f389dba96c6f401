"""Outputs that come whole: the Query they are asked, without the names that only a page has."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from search_api.desk import Desk, read_pairs
from search_api.parameters import QUERY_PARAMETERS
from tenders.errors import BadQuery
from tenders.query import Query

_OF_A_PAGE = ("size", "after")
WHOLE_PARAMETERS = [parameter for parameter in QUERY_PARAMETERS if parameter["name"] not in _OF_A_PAGE]


def read_whole(desk: Desk, request: Request, now: datetime) -> Query:
    """Read the Query of a request; raises BadQuery for a name of pages, too."""
    query = desk.read_query(request, now)
    for name, value in read_pairs(request):
        if name in _OF_A_PAGE and value.strip():
            raise BadQuery(f"this comes whole, not in pages: leave {name} out", name=name)
    return query
