"""What a module does besides computing, when it is run to be read: held back, and undone."""

from __future__ import annotations

import io
import logging
import sys
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from operator import is_
from typing import Any
from unittest.mock import patch

CONTAINERS = (dict, OrderedDict, list, set)


class StateChanged(Exception):
    """A module that changed its own attributes when it was run."""


@contextmanager
def state_kept(module: Any) -> Iterator[None]:
    """Put attributes of a module's parts back as they were, and raise where that was needed."""
    states = [vars(part) for part in module.modules()]
    states += [held for own in states for held in own.values() if type(held) in CONTAINERS]
    before = [(held, held.copy()) for held in states]
    try:
        yield
    finally:
        changed = [(held, copy) for held, copy in before if not _is_same(held, copy)]
        for held, copy in changed:
            held.clear()
            held.extend(copy) if isinstance(held, list) else held.update(copy)
    if changed:
        raise StateChanged("it changes itself")


def _is_same(held: Any, copy: Any) -> bool:
    """Whether a container has the very things that its copy has."""
    if not held or len(held) != len(copy):
        return len(held) == len(copy)
    columns = (held.values(), copy.values()) if isinstance(held, dict) else (held, copy)
    return all(map(is_, *columns))


@contextmanager
def output_withheld() -> Iterator[None]:
    """What goes to standard error and to logs comes at the end; where reading fails, not at all."""
    printed, records = io.StringIO(), []

    def keep(logger: logging.Logger, record: logging.LogRecord) -> None:
        records.append((logger, record))

    with redirect_stderr(printed), patch.object(logging.Logger, "callHandlers", keep):
        yield
    sys.stderr.write(printed.getvalue())
    for logger, record in records:
        logger.callHandlers(record)
