"""Mégalis, the platform of the buyers of Bretagne; no count is known of its list. Never seen live by us."""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

MEGALIS = AtexoMpe(
    name="megalis",
    title="Mégalis Bretagne",
    homepage="https://marches.megalis.bretagne.bzh",
    expect=Expect(fewest=1, late_hours=30, silent_hours=96),
)
