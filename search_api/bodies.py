"""The body of a request, as much of it as we are ready to hold."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from tenders.errors import BadQuery, TooLarge

_FIELDS = 50


async def read_body(request: Request, most: int) -> bytes:
    """Return the body; raises TooLarge for one of more than `most` bytes, and stops reading it there."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                raise TooLarge(f"the body has more than {most:,} bytes: send less at once", name="body")
    except ClientDisconnect:
        raise BadQuery("the body did not come whole: send it again", name="body") from None
    return bytes(body)


async def read_form(request: Request, most: int) -> dict[str, str]:
    """Return the fields of a form as a browser posts it, the last where one is given twice; raises BadQuery."""
    body = await read_body(request, most)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:  # no UTF-8, or too many fields
        raise BadQuery("this is no form of ours: open the page again and send it from there", name="") from None
