"""Judges customers from their orders and keeps the judgements: all of them at night, some of them after an import.

While a night's scoring writes, a reader sees some customers as of today and others as of yesterday, each one whole.
"""

from support.scoring.nightly import rescore

__all__ = ["rescore"]
