"""The store: tables, transactions, raw bodies."""
