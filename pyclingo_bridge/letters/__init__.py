"""Determination letters: a decision told to provider or member, by templates that a plan can replace."""
