"""The sources, a module each: where it publishes, how much to expect, how to walk it."""

from crawlers.source import Source
from crawlers.sources.boamp import Boamp

SOURCES: dict[str, Source] = {source.name: source for source in (Boamp(),)}
