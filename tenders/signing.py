"""Tokens that only we can have made: a purpose each, so that what was signed for one thing does no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer


class _SignerAt(TimestampSigner):
    """Signs with a given time, so that each try of one mail carries the same link."""

    def __init__(self, *args: Any, at: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self._at = at

    def get_timestamp(self) -> int:
        return self._at


def sign(secret: str, purpose: str, value: Any) -> str:
    """Return the token of a JSON value, for ever."""
    return _text(URLSafeSerializer(secret, salt=purpose).dumps(value))


def sign_at(secret: str, purpose: str, value: Any, at: datetime) -> str:
    """Return the token of a JSON value, signed at a moment."""
    signer = URLSafeTimedSerializer(secret, salt=purpose, signer=_SignerAt, signer_kwargs={"at": int(at.timestamp())})
    return _text(signer.dumps(value))


def read(secret: str, purpose: str, token: str) -> Any:
    """Return what :func:`sign` signed, None for a token that we did not make for this."""
    try:
        return URLSafeSerializer(secret, salt=purpose).loads(token)
    except BadData:
        return None


def read_at(secret: str, purpose: str, token: str) -> tuple[Any, datetime] | None:
    """Return what :func:`sign_at` signed and when, None for a token that we did not make for this."""
    try:
        value, signed = URLSafeTimedSerializer(secret, salt=purpose).loads(token, return_timestamp=True)
    except BadData:
        return None
    return (value, signed) if isinstance(signed, datetime) else None


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")
