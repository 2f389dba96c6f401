"""From a new tender to a supplier's inbox."""
