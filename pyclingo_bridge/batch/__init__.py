"""Many cases at once: tables of them, one row a case."""

from pyclingo_bridge.errors import ExtraError

try:
    import pyarrow as _arrow  # noqa: F401
except ImportError:
    raise ExtraError("tables of cases", "batch") from None
