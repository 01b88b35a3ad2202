"""Imported rows on their way into the store: staged in temporary tables, checked and written by a few statements."""
