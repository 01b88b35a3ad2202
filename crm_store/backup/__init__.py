"""Copies of what a shop keeps, made while everybody goes on."""
