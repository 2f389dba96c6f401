"""The pages people open, one module a page; written on the server, in French and English."""
