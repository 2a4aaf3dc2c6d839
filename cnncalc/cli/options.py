"""Options that commands share, and what they ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from ..errors import UsageError
from ..inputs import BadInput, changed_shape
from ..loading import definition, read_content
from ..network import Network, build
from ..readers import READERS
from ..readers.source import PASS, REFUSE

FORMATS = ("table", "csv", "tsv", "json", "markdown")

READER, UNKNOWN = "cnncalc.reader", "cnncalc.unknown"

F = TypeVar("F", bound=Callable[..., Any])


def _complete_net(ctx: click.Context, option: click.Parameter, start: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from .. import zoo

    names = [CompletionItem(name) for name in zoo.names() if name.startswith(start)]
    return [*names, CompletionItem(start, type="file")]


def _arguments(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    from ..readers.yaml_nodes import Scalar

    values = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"{text!r} must be ARG=VALUE, as in widen=4")
        values[name] = Scalar(value, True, 0).value
    return values


def _remember(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that leaves an option's value where the definition is read."""

    def remember(ctx: click.Context, option: click.Parameter, given: Any) -> None:
        if given is not None:
            ctx.meta[key] = given

    return remember


def checked_input(ctx: click.Context, option: click.Parameter, given: str | None) -> str | None:
    """An option's input shape, refused where no network could take it."""
    if given is not None:
        numbers = given.lower().replace("×", "x").split("x")
        try:
            # Any network of fitting axes takes it; whether this one does shows in the analysis.
            changed_shape((None,) * max(2, min(4, len(numbers))), given)
        except BadInput as error:
            raise click.BadParameter(str(error)) from None
    return given


def apply(command: F, options: Sequence[Callable[[Any], Any]]) -> F:
    """The command with the options, in the order in which help shows them."""
    for option in reversed(options):
        command = option(command)
    return command


def net_options(command: F) -> F:
    """NET, --yaml and --set."""
    return apply(
        command,
        [
            click.argument("net", required=False, shell_complete=_complete_net),
            click.option("--yaml", "yaml_file", metavar="FILE", help="Read this definition file."),
            click.option(
                "--reader",
                type=click.Choice(READERS),
                expose_value=False,
                callback=_remember(READER),
                help="Read NET as this format, whatever its name.",
            ),
            click.option(
                "--unknown",
                type=click.Choice((REFUSE, PASS)),
                expose_value=False,
                callback=_remember(UNKNOWN),
                help="Operators that a reader does not know: refuse, or pass with figures unknown.",
            ),
            click.option(
                "--set",
                "arguments",
                multiple=True,
                metavar="ARG=VALUE",
                callback=_arguments,
                help="Give the network's argument another value.",
            ),
        ],
    )


def analysis_options(command: F) -> F:
    """What changes the figures."""
    return apply(
        command,
        [
            click.option(
                "--input",
                "input_shape",
                metavar="SHAPE",
                callback=checked_input,
                help="Input as 3x320x320, 320x480 (axes only) or 320 (every axis).",
            ),
            click.option(
                "--batch",
                type=click.IntRange(1, 10**9),
                default=1,
                metavar="N",
                help="Scale MACs, FLOPs and activations.",
            ),
            click.option(
                "--from",
                "from_layer",
                metavar="LAYER",
                help="Give fields relative to that layer's output.",
            ),
            click.option(
                "--ignore-global",
                is_flag=True,
                help="Leave paths through layers that read a whole map out of merges.",
            ),
        ],
    )


def format_options(command: F) -> F:
    """--format with its short forms, and -o."""
    flags = [
        click.option(f"--{name}", f"as_{name}", is_flag=True, help=f"Short for --format {name}.")
        for name in FORMATS
    ]
    return apply(
        command,
        [
            click.option(
                "--format",
                "form",
                type=click.Choice(FORMATS),
                help="Output format.",
            ),
            *flags,
            click.option(
                "-o", "--output", metavar="FILE", help="Write to a file, whole or not at all."
            ),
        ],
    )


def chosen_format(options: dict[str, Any]) -> str:
    """Takes the format options out of a command's options; refuses two formats at once."""
    asked = [name for name in FORMATS if options.pop(f"as_{name}")]
    form = options.pop("form")
    if form is not None and form not in asked:
        asked.append(form)
    if len(asked) > 1:
        raise click.UsageError(f"--{asked[0]} and --{asked[1]} do not go together")
    return asked[0] if asked else "table"


def loaded(net: str | None, yaml_file: str | None, arguments: dict[str, Any]) -> Network:
    """The network that NET or --yaml names."""
    return build(found_definition(net, yaml_file), arguments)


def found_definition(net: str | None, yaml_file: str | None) -> Any:
    """The definition that NET or --yaml names."""
    if (net is None) == (yaml_file is None):
        raise click.UsageError("Give either NET or --yaml FILE.")
    asked = click.get_current_context().meta
    reader = "yaml" if yaml_file is not None else asked.get(READER)
    unknown = asked.get(UNKNOWN, REFUSE)
    path = yaml_file if net is None else net
    assert path is not None
    if path == "-":
        return read_content(sys.stdin.buffer.read(), "<stdin>", reader, unknown)
    if yaml_file is not None and not os.path.exists(path):
        raise UsageError(f"no file is named {path!r}")
    given = click.get_current_context().params.get("input_shape")
    return definition(path, reader, unknown, given)
