"""Many cases at once: tables of them, one row a case."""

from pyclingo_bridge.base.extras import need

need("batch")
