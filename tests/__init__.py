"""Proofs. Fakes have memory and live here."""
