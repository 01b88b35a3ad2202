"""Row ids as they stand in addresses and forms."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Form
from starlette.exceptions import HTTPException

LARGEST_ID = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


def row_id(text: str) -> int:
    """The id that a stranger's text names. Raises 404 for whatever cannot be one."""
    if not _DIGITS.fullmatch(text) or int(text) > LARGEST_ID:
        raise HTTPException(404)
    return int(text)


async def _contact(contact_id: str) -> int:
    return row_id(contact_id)


async def _file(file_id: str) -> int:
    return row_id(file_id)


async def _touchpoint(touchpoint_id: Annotated[str, Form()]) -> int:
    return row_id(touchpoint_id)


async def _touchpoint_of_path(touchpoint_id: str) -> int:
    return row_id(touchpoint_id)


async def _fact(fact_id: str) -> int:
    return row_id(fact_id)


async def _escalation(escalation_id: str) -> int:
    return row_id(escalation_id)


ContactId = Annotated[int, Depends(_contact)]
EscalationId = Annotated[int, Depends(_escalation)]
FactId = Annotated[int, Depends(_fact)]
FileId = Annotated[int, Depends(_file)]
TouchpointId = Annotated[int, Depends(_touchpoint)]
PathTouchpointId = Annotated[int, Depends(_touchpoint_of_path)]
