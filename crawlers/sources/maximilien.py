"""Maximilien, the portal of the buyers of Île-de-France: 446 open calls in November 2025, 439 in September 2026.

The one portal of which whole pages of the current list are captured. Never seen live by us.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

MAXIMILIEN = AtexoMpe(
    name="maximilien",
    title="Maximilien (Île-de-France)",
    homepage="https://marches.maximilien.fr",
    expect=Expect(fewest=350, late_hours=30, silent_hours=96),
)
