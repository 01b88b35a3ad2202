"""Breaks processes and databases at named points and by chance, and says what became of the promises."""
