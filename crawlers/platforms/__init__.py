"""The software of vendors that run many portals: how its lists are walked, a module each."""
