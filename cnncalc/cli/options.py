"""Options that commands share, and what they ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from ..definition.shape import BadInput, changed_shape
from ..errors import UsageError
from ..loading import definition, read_content
from ..network.build import build
from ..network.network import Network
from ..readers import READERS
from ..readers.source import LARGEST_TEXT, PASS, REFUSE

FORMATS = ("table", "csv", "tsv", "json", "markdown")

READER, UNKNOWN, SPEC = "cnncalc.reader", "cnncalc.unknown", "cnncalc.spec"

F = TypeVar("F", bound=Callable[..., Any])


def _complete_net(ctx: click.Context, option: click.Parameter, start: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from .. import zoo

    names = [CompletionItem(name) for name in zoo.names() if name.startswith(start)]
    return [*names, CompletionItem(start, type="file")]


def _arguments(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    from ..definition.scalars import Scalar

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


reader_options = [
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
]


def reads_otherwise() -> bool:
    """Whether the command was told how to read its networks."""
    asked = click.get_current_context().meta
    return READER in asked or asked.get(UNKNOWN, REFUSE) != REFUSE


def net_options(command: F) -> F:
    """NET, --yaml, --spec and --set."""
    return apply(
        command,
        [
            click.argument("net", required=False, shell_complete=_complete_net),
            click.option("--yaml", "yaml_file", metavar="FILE", help="Read this definition file."),
            click.option(
                "--spec",
                metavar="K,S,P,D …",
                expose_value=False,
                callback=_remember(SPEC),
                help='A chain of windows in place of NET: "11,4 3,2 5,1,2".',
            ),
            *reader_options,
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


batch_option = click.option(
    "--batch",
    type=click.IntRange(1, 10**9),
    default=1,
    metavar="N",
    help="Scale MACs, FLOPs and activations.",
)


def input_option(
    told: str = "Input as 3x320x320, 320x480 (axes only) or 320 (every axis).",
) -> Callable[[F], F]:
    """--input, which replaces the network's own."""
    return click.option(
        "--input", "input_shape", metavar="SHAPE", callback=checked_input, help=told
    )


ignore_global_option = click.option(
    "--ignore-global",
    is_flag=True,
    help="Leave paths through layers that read a whole map out of merges.",
)


def analysis_options(command: F) -> F:
    """What changes the figures."""
    return apply(
        command,
        [
            input_option(),
            batch_option,
            click.option(
                "--from",
                "from_layer",
                metavar="LAYER",
                help="Give fields relative to that layer's output.",
            ),
            ignore_global_option,
        ],
    )


def format_options_of(names: Sequence[str]) -> Callable[[F], F]:
    """--format with its short forms for the formats of these names, and -o."""
    flags = [
        click.option(f"--{name}", f"as_{name}", is_flag=True, help=f"Short for --format {name}.")
        for name in names
    ]
    options = [
        click.option("--format", "form", type=click.Choice(names), help="Output format."),
        *flags,
        click.option(
            "-o", "--output", metavar="FILE", help="Write to a file, whole or not at all."
        ),
    ]
    return lambda command: apply(command, options)


format_options: Callable[[F], F] = format_options_of(FORMATS)


def chosen_format(options: dict[str, Any], names: Sequence[str] = FORMATS) -> str:
    """Takes the format options out of a command's options; refuses two formats at once."""
    asked = [name for name in names if options.pop(f"as_{name}")]
    form = options.pop("form")
    if form is not None and form not in asked:
        asked.append(form)
    if len(asked) > 1:
        raise click.UsageError(f"--{asked[0]} and --{asked[1]} do not go together")
    return asked[0] if asked else names[0]


def loaded(net: str | None, yaml_file: str | None, arguments: dict[str, Any]) -> Network:
    """The network that NET, --yaml or --spec names."""
    return build(found_definition(net, yaml_file), arguments)


def names_network(yaml_file: str | None) -> bool:
    """Whether an option names the network, so that NET is none."""
    return yaml_file is not None or SPEC in click.get_current_context().meta


def found_definition(net: str | None, yaml_file: str | None) -> Any:
    """The definition that NET, --yaml or --spec names."""
    asked = click.get_current_context().meta
    spec = asked.get(SPEC)
    if [net, yaml_file, spec].count(None) != 2:
        raise click.UsageError("Give one of NET, --yaml FILE and --spec.")
    if spec is not None:
        from ..readers.spec import definition as chain

        return chain(spec)
    reader = "yaml" if yaml_file is not None else asked.get(READER)
    unknown = asked.get(UNKNOWN, REFUSE)
    path = yaml_file if net is None else net
    assert path is not None
    given = click.get_current_context().params.get("input_shape")
    if path == "-":
        most = LARGEST_TEXT + 1 if reader in (None, "yaml") else -1
        return read_content(sys.stdin.buffer.read(most), "<stdin>", reader, unknown, given)
    if yaml_file is not None and not os.path.exists(path):
        raise UsageError(f"no file is named {path!r}")
    return definition(path, reader, unknown, given)
