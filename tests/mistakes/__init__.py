"""Typical mistakes, each with the message that it gets: `docs/messages.md` is made from running them."""
