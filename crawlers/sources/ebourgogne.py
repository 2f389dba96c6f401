"""e-bourgogne, the buyers' portal of Bourgogne-Franche-Comté, run by its agency (Territoires Numériques, now ARNia).

History: marches.e-bourgogne.fr, then marches.ternum-bfc.fr, where notices of 2026 link to. Never seen live by us, nor
is a captured page known: its theme and its yield are unproven, so `fewest` only says that the list is not empty.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

EBOURGOGNE = AtexoMpe(
    name="ebourgogne",
    title="e-bourgogne (Bourgogne-Franche-Comté)",
    homepage="https://marches.ternum-bfc.fr",
    expect=Expect(fewest=1, late_hours=30, silent_hours=96),
)
