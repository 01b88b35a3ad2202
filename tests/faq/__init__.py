"""The FAQ: words made comparable, entries found, files read and written, answers in the reader's language."""
