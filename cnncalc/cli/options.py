"""Options that commands share, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click

from ..definition.scalars import Scalar
from ..definition.shape import BadInput, ChannelsLast, check_asked
from ..layers.storage import DTYPES
from ..readers import READERS
from ..readers.source import PASS, REFUSE
from .asked import CHANNELS_FIRST, CHANNELS_LAST, Asked
from .output import Output, form_of_file, tell

FORMATS = ("table", "csv", "tsv", "json", "markdown")

F = TypeVar("F", bound=Callable[..., Any])


def completer(what: str) -> Callable[..., list[Any]]:
    """What completes words of a kind; its module is loaded only when a shell asks."""

    def complete(ctx: click.Context, option: click.Parameter, start: str) -> list[Any]:
        from . import completion

        return getattr(completion, what)(ctx, option, start)  # type: ignore[no-any-return]

    return complete


def _arguments(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    values = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"{text!r} must be ARG=VALUE, as in widen=4")
        values[name] = Scalar(value, True, 0).value
    return values


def checked_input(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> str | dict[str, str] | None:
    """The shape that is asked for, or shapes by name; refused where no network could take it."""
    shapes: dict[str, str] = {}
    for text in given:
        name, sign, shape = text.rpartition("=")
        if bool(sign) != bool(name):
            raise click.BadParameter(f"{text!r} must be SHAPE, or NAME=SHAPE of several inputs")
        if name in shapes or (shapes and "" in (name, *shapes)):
            raise click.BadParameter(f"{text!r} comes after {given[0]!r}; give each input once")
        try:
            check_asked(shape)
        except BadInput as error:
            raise click.BadParameter(str(error)) from None
        shapes[name] = shape
    return shapes.get("", shapes or None)


def apply(command: F, options: Sequence[Callable[[Any], Any]]) -> F:
    """The command with the options, in the order in which help shows them."""
    for option in reversed(options):
        command = option(command)
    return command


HOW = ("reader", "unknown")
WHAT = ("yaml_file", "spec", "arguments")


def hands_over(names: Sequence[str], command: F) -> F:
    """The command with these options, and the input, as one record: `asked`."""

    @wraps(command)
    def with_record(**options: Any) -> Any:
        values = {name: options.pop(name) for name in names}
        layout, shape = options.pop("layout", CHANNELS_FIRST), options.pop("input_shape", None)
        if shape is not None and layout == CHANNELS_LAST:
            named = isinstance(shape, dict)
            shape = {n: ChannelsLast(s) for n, s in shape.items()} if named else ChannelsLast(shape)
        return command(asked=Asked(**values, input=shape, layout=layout), **options)

    return with_record  # type: ignore[return-value]


READER_OPTIONS = [
    click.option(
        "--reader",
        type=click.Choice(READERS),
        help="Read NET as this format, whatever its name.",
    ),
    click.option(
        "--unknown",
        type=click.Choice((REFUSE, PASS)),
        default=REFUSE,
        help="Operators that a reader does not know: refuse, or pass with figures unknown.",
    ),
]
NET = click.argument("net", required=False, shell_complete=completer("net"))
NET_OPTIONS = [
    click.option(
        "--yaml",
        "yaml_file",
        metavar="FILE",
        shell_complete=completer("file"),
        help="Read this definition file.",
    ),
    click.option(
        "--spec",
        metavar="K,S,P,D …",
        help='A chain of windows in place of NET: "11,4 3,2 5,1,2".',
    ),
    *READER_OPTIONS,
    click.option(
        "--set",
        "arguments",
        multiple=True,
        metavar="ARG=VALUE",
        shell_complete=completer("argument"),
        callback=_arguments,
        help="Give the network's argument another value.",
    ),
]


def reader_options(command: F) -> F:
    """--reader and --unknown, for a command that names its networks in its own way."""
    return apply(hands_over(HOW, command), READER_OPTIONS)


def net_options(command: F) -> F:
    """NET, --yaml, --spec, --set and how to read: the command is given them as `asked`."""
    return apply(hands_over(("net", *WHAT, *HOW), command), [NET, *NET_OPTIONS])


batch_option = click.option(
    "--batch",
    type=click.IntRange(1, 10**9),
    default=1,
    metavar="N",
    help="Scale MACs, FLOPs and activations.",
)


def dtype_option(default: str | None = "float32") -> Callable[[F], F]:
    """--dtype, the type of all numbers."""
    return click.option(
        "--dtype",
        type=click.Choice(tuple(DTYPES)),
        default=default,
        help="Type of all numbers; float32 if none is given.",
    )


layout_option = click.option(
    "--layout",
    type=click.Choice((CHANNELS_FIRST, CHANNELS_LAST)),
    default=CHANNELS_FIRST,
    help="How --input is read, and shapes and weight shapes are written in tables.",
)


def input_option(
    text: str = "Input as 3x320x320, 320x480 (axes only) or 320 (every axis); NAME=… of several.",
) -> Callable[[F], F]:
    """--input, which replaces the network's own."""
    return click.option(
        "--input",
        "input_shape",
        metavar="[NAME=]SHAPE",
        multiple=True,
        callback=checked_input,
        help=text,
    )


def input_options(*text: str) -> Callable[[F], F]:
    """--input, and how it and the shapes of tables are laid out."""
    return lambda command: apply(command, [input_option(*text), layout_option])


def from_option(text: str) -> Callable[[F], F]:
    """--from, the layer that fields are relative to."""
    complete = completer("layer")
    return click.option("--from", "from_layer", metavar="LAYER", shell_complete=complete, help=text)


def _note_ignored(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        tell(
            "--ignore-global changes nothing: paths through layers that read a whole map are left "
            "out anyway; --with-global counts them"
        )


def with_global_option(command: F) -> F:
    """--with-global, and the flag that once was its opposite."""
    return apply(
        command,
        [
            click.option(
                "--with-global",
                is_flag=True,
                help="Count paths through layers that read a whole map (gates) at merges too.",
            ),
            click.option(
                "--ignore-global",
                is_flag=True,
                hidden=True,
                expose_value=False,
                callback=_note_ignored,
            ),
        ],
    )


def analysis_options(command: F) -> F:
    """What changes the figures."""
    return apply(
        command,
        [
            input_options(),
            batch_option,
            from_option("Give fields relative to that layer's output."),
            with_global_option,
        ],
    )


FILE_HELP = "Write to a file, whole or not at all."
FORM_HELP = f"{FILE_HELP} Its suffix chooses the form where none is given."


def _file_option(*names: str, text: str) -> Callable[[Any], Any]:
    complete = completer("file")
    return click.option(*names, "path", metavar="FILE", shell_complete=complete, help=text)


file_option = _file_option("-o", "--output", text=FILE_HELP)
answer_file_option = _file_option("-o", "--output", text=FORM_HELP)
# For commands whose --output is a size.
short_file_option = _file_option("-o", text=FORM_HELP)


def format_options_of(
    names: Sequence[str], file: Callable[[Any], Any] = answer_file_option
) -> Callable[[F], F]:
    """--format with its short forms, and -o: the command is given them as `output`."""
    flags = [
        click.option(f"--{name}", f"as_{name}", is_flag=True, help=f"Short for --format {name}.")
        for name in names
    ]
    short = ", ".join(f"--{name}" for name in names)
    told = f"Output format; for short {short}."
    form = click.option("--format", "form", type=click.Choice(names), help=told)

    def with_options(command: F) -> F:
        @wraps(command)
        def with_record(**options: Any) -> Any:
            path = options.pop("path")
            room = {name: options.pop(name) for name in ("exact", "wide") if name in options}
            output = Output(_chosen_format(options, names, path), path, **room)
            return command(output=output, **options)

        return apply(with_record, [form, *flags, file])  # type: ignore[return-value]

    return with_options


format_options: Callable[[F], F] = format_options_of(FORMATS)


LAYERS_OPTION = click.option(
    "--layers",
    metavar="GLOB",
    shell_complete=completer("layer"),
    help="Only layers whose name fits.",
)
COLUMNS_OPTION = click.option(
    "--columns",
    metavar="A,B,C",
    shell_complete=completer("columns"),
    help="These columns, as CSV names them.",
)
DEPTH_OPTION = click.option(
    "--depth",
    type=click.IntRange(1),
    metavar="N",
    help="Fold blocks to so many levels, equal ones into one row, with their sums.",
)


def column_names(text: str | None, form: str) -> tuple[str, ...] | None:
    """The columns that are asked for, which JSON does not choose."""
    if text is None:
        return None
    if form == "json":
        raise click.UsageError("--columns does not go with JSON, which has every key")
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise click.UsageError("--columns names no column")
    return names


def table_options(command: F) -> F:
    """Which rows come first, and how much of them a terminal shows."""
    return apply(
        command,
        [
            click.option(
                "--sort",
                metavar="COLUMN",
                shell_complete=completer("columns"),
                help="Order rows by a column, numbers from the largest.",
            ),
            click.option(
                "--top", type=click.IntRange(1), metavar="N", help="Show so many rows at the most."
            ),
            click.option("--wide", is_flag=True, help="All columns, though a terminal be narrow."),
            click.option("--exact", is_flag=True, help="All digits of numbers in a terminal."),
        ],
    )


def _chosen_format(options: dict[str, Any], names: Sequence[str], path: str | None) -> str:
    """Takes the format options out of a command's options; refuses two formats at once.

    Where none is given the file's suffix chooses, and else it is the first.
    """
    asked = [name for name in names if options.pop(f"as_{name}")]
    form = options.pop("form")
    if form is not None and form not in asked:
        asked.append(form)
    if len(asked) > 1:
        raise click.UsageError(f"--{asked[0]} and --{asked[1]} do not go together")
    return asked[0] if asked else form_of_file(path, names)
