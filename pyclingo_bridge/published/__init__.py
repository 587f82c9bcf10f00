"""Published studies: what their reports print, whether it holds together, and whom it speaks of."""
