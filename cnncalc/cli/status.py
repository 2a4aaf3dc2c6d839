"""The exit statuses."""

from __future__ import annotations

INTERRUPTED = 130
DONE, WRONG, MISUSED = 0, 1, 2
