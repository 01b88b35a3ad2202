"""What a customer's record takes from another of the same person, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.models import Customer

TOGETHER = (
    ("name",),
    ("phone_hash", "phone"),
    ("email_hash", "email"),
    ("language",),
    ("organisation_id",),
    ("source",),
    ("referrer",),
    ("manager_id",),
)
"""Columns that are filled one with the other; the first says whether there is anything."""

EXTERNAL_ID = "external_id"
"""Filled too, but by statements of its own (crm_store.repositories.merges.pass_external_id), because it is unique."""


def fill(kept: Customer, gone: Customer) -> dict[str, Any]:
    """Gives the kept record what it lacks; returns the columns that changed, as they were."""
    former: dict[str, Any] = {}
    for names in TOGETHER:
        if not getattr(kept, names[0]) and getattr(gone, names[0]):
            former |= {name: getattr(kept, name) for name in names}
            for name in names:
                setattr(kept, name, getattr(gone, name))
    if gone.attributes.keys() - kept.attributes.keys():
        former["attributes"] = kept.attributes
        kept.attributes = {**gone.attributes, **kept.attributes}
    if gone.external_id and not kept.external_id:
        former[EXTERNAL_ID] = None
    return former


def empty(kept: Customer, gone: Customer, former: Mapping[str, Any]) -> None:
    """Takes what was filled away again; what changed since then is the kept one's own and stays."""
    for first, *others in TOGETHER:
        if first in former and getattr(kept, first) == getattr(gone, first):
            for name in (first, *others):
                setattr(kept, name, former[name])
    if "attributes" in former:
        kept.attributes = _without(kept.attributes, gone.attributes, former["attributes"])


def _without(now: Mapping[str, Any], given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in now.items() if name in before or name not in given or given[name] != value}
