"""e-Guadeloupe, a small portal: ten days may pass without a new call. Only its address is known, from 2022.

Never seen live by us.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

GUADELOUPE = AtexoMpe(
    name="guadeloupe",
    title="e-Guadeloupe",
    homepage="https://www.eguadeloupe.com",
    expect=Expect(fewest=1, late_hours=30, silent_hours=240),
)
