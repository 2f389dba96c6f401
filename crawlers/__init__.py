"""From a platform to notices."""
