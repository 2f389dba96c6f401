"""Alsace Marchés Publics, the platform of the buyers of Alsace; no count is known of its list.

Never seen live by us.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

ALSACE = AtexoMpe(
    name="alsace",
    title="Alsace Marchés Publics",
    homepage="https://alsacemarchespublics.eu",
    expect=Expect(fewest=1, late_hours=30, silent_hours=96),
)
