"""The other portals that ran Atexo MPE and answered in March 2022: off, and never seen live by us.

Facts (the hosts) from the list of ColinMaudry/atexo-decp-scraper (MIT). A portal is walked when it is named: ``tenders
crawl marches-cnes-fr``, or in TENDERS_SOURCES. Prove it first: ``make live-check SOURCE=marches-cnes-fr``. When a
portal deviates, or its list has been counted, it gets a module of its own. Left out: those that were not reached, and
marchespublics.grandest.fr, which another vendor's software serves today.
"""

from crawlers.platforms.atexo_mpe import AtexoMpe
from crawlers.source import Expect

HOSTS = """
achats-consultations.banque-france.fr
aof-crpdll-prod.local-trust.com
aof-formpro.normandie.fr
cas-marseille.local-trust.com
marches-publics.regionreunion.com
marches-vendeehabitat.local-trust.com
marches.cinor.fr
marches.cnes.fr
marches.departement13.fr
marches.departement86.fr
marches.grandreims.fr
marches.loire-atlantique.fr
marches.montpellier3m.fr
marches.mrs.aero
marchesformation.laregion.fr
marchespublics.adm76.com
marchespublics.agglo-porteduhainaut.fr
marchespublics.ain.fr
marchespublics.ampmetropole.fr
marchespublics.eure.fr
marchespublics.gard.fr
marchespublics.grand-nancy.org
marchespublics.landespublic.org
marchespublics.lenord.fr
marchespublics.nantesmetropole.fr
marchespublics.paysdelaloire.fr
marchespublics.sydne.fr
marchespublics596280.fr
mp.tco.re
mpe-cdl-prod.local-trust.com
mpe-marseille.local-trust.com
plateforme-achats.anfh.fr
profilacheteur.meuse.fr
webmarche.adullact.org
webmarche.solaere.recia.fr
www.appel-offres.francetelevisions.fr
www.webmarche.eu
""".split()

INSTANCES = tuple(
    AtexoMpe(
        name=host.removeprefix("www.").replace(".", "-"),
        title=host,
        homepage=f"https://{host}",
        expect=Expect(fewest=1, late_hours=30, silent_hours=240),
        on=False,
    )
    for host in HOSTS
)
