"""The HTTP API for other programs, under /api/v1: problems as application/problem+json, keys with scopes."""
