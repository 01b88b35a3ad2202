"""Read queries of the pages: a few statements each, plain rows out, nothing changed."""
