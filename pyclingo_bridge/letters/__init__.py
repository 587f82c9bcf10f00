"""Determination letters: a decision told to the provider or the member, from templates that a plan can replace."""
