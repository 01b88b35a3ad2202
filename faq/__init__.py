"""FAQ entries, their files, normalisation and matching."""
