"""Locks and solver calls across a fork.

A forked child has one thread: the one that forked. Whatever another thread held or was at stays so
for ever. So a child finds every lock of this package free, learns which of them were held, and what
these guard is made anew; and a fork waits until no thread makes a symbol of the solver's, whose own
lock cannot be freed.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from functools import cached_property

from pyclingo_bridge.base.errors import EngineError

SECONDS = 5.0
"""How long a fork waits for threads that read rules, or make symbols."""


class Guard:
    """A lock that a forked child finds free.

    Attributes:
        half_done: whether another thread held it as this process was forked. What it guards may be
            half changed; whoever makes it anew sets this to False.
    """

    def __init__(self) -> None:
        self.half_done = False
        self._holder = 0
        self._lock = threading.Lock()
        _guards.add(self)

    def __enter__(self) -> Guard:
        self._lock.acquire()
        self._holder = threading.get_ident()
        return self

    def __exit__(self, *_: object) -> None:
        # Or the child of a thread that held it before would take it for its own.
        self._holder = 0
        self._lock.release()

    def renew(self) -> None:
        """Free it in a forked child, unless the thread that forked holds it itself."""
        if self._holder == threading.get_ident():
            return
        # Whether it is free shows in taking it: `locked()` is behind where another thread waited for it.
        if not self._lock.acquire(blocking=False):
            self.half_done = True
        self._lock = threading.Lock()


_PACKAGE = __name__.partition(".")[0]
_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


class _Symbols:
    """How many threads may be making symbols: none of them may be lost to a fork."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._threads = 0
        self._lost = False

    def __enter__(self) -> None:
        if self._lost:
            raise EngineError(
                "this process was forked while another thread was reading a policy, and can use none; "
                'start it with multiprocessing.get_context("spawn")'
            )
        with self._changed:
            self._threads += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._threads -= 1
            if not self._threads:
                self._changed.notify_all()

    def before(self) -> None:
        """Wait, before a fork, until no thread makes symbols, and keep it so."""
        self._changed.acquire()
        self._changed.wait_for(lambda: not self._threads, SECONDS)

    def in_parent(self) -> None:
        """Go on after a fork."""
        self._changed.release()

    def in_child(self) -> None:
        """Begin anew in a forked child."""
        self._lost = self._lost or bool(self._threads)
        self._changed = threading.Condition(threading.Lock())
        self._threads = 0


making_symbols = _Symbols()
"""To be entered by whoever makes the solver's symbols or reads rules."""


def _in_child() -> None:
    making_symbols.in_child()
    for guard in list(_guards):
        guard.renew()
    _renew_cached_properties()


def _renew_cached_properties() -> None:
    # Up to Python 3.11 each has one lock for all objects, which is held while a value is made.
    if sys.version_info >= (3, 12):
        return
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == _PACKAGE:
            for value in list(vars(module).values()):
                for entry in list(vars(value).values()) if isinstance(value, type) else ():
                    if isinstance(entry, cached_property):
                        entry.lock = threading.RLock()  # type: ignore[attr-defined]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=making_symbols.before,
        after_in_parent=making_symbols.in_parent,
        after_in_child=_in_child,
    )
