"""The observatory over HTTP: figures for programs and spreadsheets, and what an address asks of them."""
