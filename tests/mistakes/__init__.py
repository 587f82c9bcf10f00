"""Typical mistakes, each with the message that it gets: the page `docs/messages.md` is made from running them."""
