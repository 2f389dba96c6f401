"""Where an organisation has its seat, by what a notice states of it: a NUTS code, a postcode, a country."""

from __future__ import annotations

from crawlers.formats.values import read_codes
from tenders.codes import FRANCE, Department, Nuts


def seat_of(source: str, nuts: str | None, postcode: str | None, country: str | None) -> Nuts | None:
    """Return the seat as finely as it is stated: BT-507, else by a French postcode (BT-512), else the country (BT-514).

    `country` is ISO 3166-1 alpha-2; None where the form knows none, and a postcode is then read as one of France. A
    NUTS code of another country than that stated makes both unbelievable: None. Where NUTS knows a part of France by no
    code, the seat is ``FR``: in France, and nobody knows where.
    """
    code = next(iter(read_codes(Nuts.parse, (nuts,), source)), None)
    if code and code[:2] != "FR" and code[:2] in FRANCE:
        code = Nuts.of_country(code[:2])
    land = Nuts.of_country(country) if country else None
    if code and land and not code.startswith(land[:2]):
        return None
    home = Department.of_postcode(postcode) if (land or code or "FR").startswith("FR") else None
    if code and len(code) == 5 and code.known:
        return code
    return (home.nuts if home else None) or code or land
