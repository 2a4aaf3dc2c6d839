"""The command that prints the JSON Schema of definitions: schema."""

from __future__ import annotations

import json

import click

from . import options as shared
from .grouping import GroupedCommand
from .output import write


@click.command("schema", cls=GroupedCommand, short_help="The JSON Schema of definitions.")
@shared.file_option
def command(path: str | None) -> None:
    """Print a JSON Schema (2020-12) of definitions, for editors that complete and check YAML.

    \b
    Example:
      cnncalc schema -o cnncalc.schema.json
    and in the first line of a definition:
      # yaml-language-server: $schema=cnncalc.schema.json
    """
    from ..text.schema import schema

    write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", path)
