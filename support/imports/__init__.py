"""Customers and orders from another department's files."""
