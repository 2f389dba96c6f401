"""How good a classifier is: figures, tables and charts."""
