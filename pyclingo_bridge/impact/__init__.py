"""What another version of a policy changes in many cases, and which criterion causes it."""
