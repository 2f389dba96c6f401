"""A Query in the formats of other programs: feeds, calendar, tables, and what search engines read."""
