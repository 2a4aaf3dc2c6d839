"""What the shell completes beside commands and options: networks, files, layers, columns, rules,
pages of the manual."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from ..errors import CnncalcError

Completes = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
# Larger files, and formats whose libraries take long to load, are not read while someone types.
LARGEST = 200_000
QUICK = (".yaml", ".yml", ".prototxt", ".cfg")

FILES_TOO = """\
            compopt -o filenames 2> /dev/null
            COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
"""
NO_BLANK = """\
            COMPREPLY+=($value)
            [[ $value == *= ]] && compopt -o nospace 2> /dev/null
"""


class CompletesBoth(BashComplete):
    """Bash, with files beside names, and no blank after `NAME=`."""

    source_template = BashComplete.source_template.replace(
        "            COMPREPLY=()\n            compopt -o default\n", FILES_TOO
    ).replace("            COMPREPLY+=($value)\n", NO_BLANK)

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words as they were typed: bash takes `ARG=VALUE` for three."""
        words, incomplete = super().get_completion_args()
        whole: list[str] = []
        for word in words:
            if whole and (word == "=" or whole[-1].endswith("=")):
                whole[-1] += word
            else:
                whole.append(word)
        return whole, incomplete


def register() -> None:
    """Let bash's completion be this one."""
    add_completion_class(CompletesBoth, "bash")


def items(values: Iterable[str], start: str) -> list[CompletionItem]:
    """Those of the values that begin so."""
    return [CompletionItem(value) for value in values if value.startswith(start)]


def of_list(values: Iterable[str], start: str) -> list[CompletionItem]:
    """Those of the values that the last of a list with commas begins."""
    before, comma, last = start.rpartition(",")
    return [CompletionItem(before + comma + value) for value in values if value.startswith(last)]


def file(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """Any file."""
    return [CompletionItem(start, type="file")]


def net(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """A built-in network or a file; a layer where an option names the network already."""
    from .. import zoo

    if ctx.params.get("yaml_file") or ctx.params.get("spec"):
        return layer(ctx, option, start)
    # Bash forgets what comes before a file.
    return [CompletionItem(start, type="file"), *items(zoo.names(), start)]


def layer(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """A layer, or an input that has a name, of the network that is named."""
    from ..definition.definition import INPUT
    from ..network.build import build

    try:
        definition = _definition(ctx)
        network = build(definition, ctx.params.get("arguments") or {})
        return items([*(name for name in network.inputs if name != INPUT), *network.names], start)
    except (CnncalcError, OSError):
        return []


def argument(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """An argument of the definition that is named, and `=`."""
    try:
        return items([f"{name}=" for name in _definition(ctx).args], start)
    except (CnncalcError, OSError):
        return []


def columns(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """Columns, a comma between them."""
    from ..report.columns import COLUMNS

    return of_list(COLUMNS, start)


def rules(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """Codes of lint's rules, and their names where a small letter is typed; a comma between."""
    from ..studies.lint import RULES

    small = start.rpartition(",")[2][:1].islower()
    return of_list([rule.name if small else rule.code for rule in RULES], start)


def topic(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """A page of the manual, with what it is about."""
    from ..text.manual import topics

    return [CompletionItem(one, help=of) for one, of in topics().items() if one.startswith(start)]


def topic_word(ctx: click.Context, option: click.Parameter, start: str) -> list[CompletionItem]:
    """A section of the page that is named, by the first word of its heading."""
    from ..text.manual import page, sections, topics

    if (named := ctx.params.get("topic")) not in topics():
        return []
    headings = [heading for heading, _ in sections(page(named))][1:]
    return items([heading.strip("`").partition(" ")[0] for heading in headings], start)


def _definition(ctx: click.Context) -> Any:
    """The definition that the words before name; refused where reading it may take long."""
    from ..loading import definition
    from ..readers.spec import definition as chain

    found = ctx.params
    if found.get("spec"):
        return chain(found["spec"])
    yaml_file = found.get("yaml_file")
    # Where the option that is being completed has no value yet, click sets words aside.
    path = yaml_file or found.get("net") or next(iter(ctx.args), "-")
    if path == "-" or found.get("reader") not in (None, "yaml"):
        raise CnncalcError("no network is named that is quick to read")
    if os.path.exists(path):
        known = yaml_file is not None or path.endswith(QUICK)
        if not (known and os.path.isfile(path) and os.path.getsize(path) <= LARGEST):
            raise CnncalcError("no file is named that is quick to read")
    return definition(path, "yaml" if yaml_file else None)
