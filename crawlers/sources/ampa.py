"""AMPA, the association of buyers of Nouvelle-Aquitaine; no count is known of its list. Never seen live by us."""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

AMPA = AtexoMpe(
    name="ampa",
    title="AMPA (Nouvelle-Aquitaine)",
    homepage="https://demat-ampa.fr",
    expect=Expect(fewest=1, late_hours=30, silent_hours=96),
)
