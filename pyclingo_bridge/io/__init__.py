"""Files of cases: Parquet, CSV and JSON Lines in, answers out, in chunks, and on where a run was stopped."""
