"""Many cases at once: tables of them, files of tables, what another version changes, Spark."""
