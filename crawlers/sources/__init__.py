"""The sources, a module each: where it publishes, how much to expect, how to walk it."""

from crawlers.source import Source
from crawlers.sources.alsace import ALSACE
from crawlers.sources.ampa import AMPA
from crawlers.sources.atexo_instances import INSTANCES
from crawlers.sources.aws import Aws
from crawlers.sources.boamp import Boamp
from crawlers.sources.ebourgogne import EBOURGOGNE
from crawlers.sources.guadeloupe import GUADELOUPE
from crawlers.sources.maximilien import MAXIMILIEN
from crawlers.sources.megalis import MEGALIS
from crawlers.sources.place import PLACE

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (Boamp(), EBOURGOGNE, PLACE, MAXIMILIEN, MEGALIS, ALSACE, AMPA, GUADELOUPE, Aws(), *INSTANCES)
}
