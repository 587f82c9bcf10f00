"""How a study's report prints a number."""

from __future__ import annotations

from pyclingo_bridge.base.terms import Term, Value, plain

NOT_EVALUABLE = "NE"
"""What stands for an end of an interval that could not be evaluated."""


def printed(value: Value) -> str:
    """A value as the report prints it, without its unit."""
    if not isinstance(value, Term):
        return str(value)
    if value.name == "censored":
        return f"{printed(value.args[0])}+"
    if value.name == "date":
        year, month, day = (int(plain(part)) for part in value.args)
        return f"{year:04}-{month:02}-{day:02}"
    if not value.args:
        return NOT_EVALUABLE
    digits, decimals = (int(plain(part)) for part in value.args)
    return f"{digits / 10**decimals:.{decimals}f}"
