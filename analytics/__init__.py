"""Arithmetic on plain values: value, risk, tiers. Imports nothing of ours."""
