"""Many cases at once: tables of them, one row a case."""

from pyclingo_bridge.extras import need

need("batch")
