"""PLACE, the platform of the State and of public bodies: 2,374 open calls on 2026-09-02, by a peer's count.

Its links to details have ``app.php`` in their path. It has answered 403 to crawlers at times (November 2025). Captured
pages: recaps of 2020. Never seen live by us.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect
from tenders.translations import N_

PLACE = AtexoMpe(
    name="place",
    title=N_("PLACE (State and public bodies)"),
    homepage="https://www.marches-publics.gouv.fr",
    expect=Expect(fewest=1900, late_hours=30, silent_hours=96),
)
