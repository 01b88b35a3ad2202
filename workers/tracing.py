"""Where an error comes from: enough for a log, and without a word of a customer's."""

from __future__ import annotations


def place(error: BaseException) -> str:
    """Type, file and line where it was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} {where}"
