"""Where an organisation has its seat, by what a notice states of it: a NUTS code, a postcode, a country."""

from __future__ import annotations

from typing import Final

from crawlers.formats.values import read_codes
from tenders.codes import Department, Nuts

# The code of NUTS where it is another than that of ISO 3166-1; the French regions overseas have one of their own there.
_COUNTRIES: Final = {"GB": "UK", "GR": "EL"}
_OVERSEAS: Final = {"GP": "FRY10", "MQ": "FRY20", "GF": "FRY30", "RE": "FRY40", "YT": "FRY50"}


def seat_of(source: str, nuts: str | None, postcode: str | None, country: str | None) -> Nuts | None:
    """Return the seat as finely as it is stated: BT-507, else by a French postcode (BT-512), else the country (BT-514).

    `country` is ISO 3166-1 alpha-2; None where the form knows none, and a postcode is then read as one of France. A
    NUTS code of another country than that stated makes both unbelievable: None.
    """
    code = next(iter(read_codes(Nuts.parse, (nuts,), source)), None)
    overseas = _OVERSEAS.get(country or "")
    land = "FR" if overseas else _COUNTRIES.get(country or "", country)
    if code and land and not code.startswith(land):
        return None
    home = Department.of_postcode(postcode) if (land or code or "FR").startswith("FR") else None
    if code and len(code) == 5 and code.known:
        return code
    return (home.nuts if home else None) or code or (Nuts(overseas or land) if land else None)
