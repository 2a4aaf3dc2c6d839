"""What `cnncalc draw NET LAYER UNIT` draws: a unit's field on the input."""

from __future__ import annotations

import click


@click.command("draw")
def command() -> None:
    """A unit's field on the input."""
