"""How well notices and queries are matched, measured on cases that persons read one by one."""
