"""The observatory: figures of any set of tenders, each with the search that lists exactly the tenders behind it."""
