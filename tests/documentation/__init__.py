"""Makes what the documentation shows: transcripts, screens, reference pages, the chart of speeds."""
