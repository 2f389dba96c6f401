"""From notices to an index that answers."""
