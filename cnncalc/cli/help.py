"""The command that shows the manual: help."""

from __future__ import annotations

import sys

import click

from ..errors import UsageError
from ..layers import KINDS
from ..text.manual import find_section, page, section, topics
from ..wording import did_you_mean, quote
from . import options as shared
from .grouping import GroupedCommand
from .output import terminal_of, write

UNBOUNDED = 1_000


@click.command("help", cls=GroupedCommand, short_help="The manual, page by page.")
@click.argument("topic", required=False, shell_complete=shared.completer("topic"))
@click.argument("word", required=False, shell_complete=shared.completer("topic_word"))
@click.pass_context
def command(ctx: click.Context, topic: str | None, word: str | None) -> None:
    """The manual: the list of its pages, a page, or the section of a page that a word names.

    In a pipe pages are Markdown.

    \b
    Examples:
      cnncalc help
      cnncalc help fields
      cnncalc help lint CNN201
      cnncalc help layers conv_transpose
    """
    if topic is None:
        _list_topics()
        return
    topic = topic.lower()
    pages = topics()
    if topic in pages:
        _show(page(topic) if word is None else section(topic, word))
    elif topic in (group := _all_commands(ctx)).list_commands(ctx):
        words = [topic] if word is None else [topic, word]
        group.main([*words, "--help"], prog_name="cnncalc", standalone_mode=False)
    else:
        found = (find_section(one, topic) for one in pages)
        text = next(filter(None, found), None) if word is None else None
        if text is None:
            choices = [*pages, *group.list_commands(ctx), *KINDS]
            hint = did_you_mean(topic, choices, "`cnncalc help` lists the pages", topic="type")
            raise UsageError(f"no page of the manual is about {quote(topic)}; {hint}")
        _show(text)


def _all_commands(ctx: click.Context) -> click.Group:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    return group


def _list_topics() -> None:
    """A line a page: its topic and what it is about."""
    terminal = terminal_of(sys.stdout)
    formatter = click.HelpFormatter(width=terminal.width if terminal else UNBOUNDED)
    formatter.write_dl([*topics().items()])
    click.echo(formatter.getvalue(), nl=False)


def _show(text: str) -> None:
    """A text of the manual: drawn on a terminal, else as it is."""
    terminal = terminal_of(sys.stdout)
    if terminal is not None:
        from ..text.manual_page import draw_page

        text = draw_page(text, terminal.width)
    write(text, None)
