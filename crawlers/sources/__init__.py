"""The sources, a module each: where it publishes, how much to expect, how to walk it."""
