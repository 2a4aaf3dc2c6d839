"""The group of all commands, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from ..errors import CnncalcError, UsageError
from ..wording import did_you_mean
from .output import complain, say_wrong, silence_output
from .status import DONE, INTERRUPTED, MISUSED, WRONG

COMMANDS = {
    "shape": "figures",
    "rf": "figures",
    "params": "figures",
    "flops": "intensity",
    "summary": "figures",
    "memory": "memory",
    "explain": "explain",
    "layer": "layer",
    "list": "catalogue",
    "show": "catalogue",
    "convert": "convert",
    "export": "export",
    "schema": "schema",
    "lint": "lint",
    "check": "check",
    "solve": "solve",
    "box": "box",
    "erf": "erf",
    "compare": "compare",
    "diff": "diff",
    "report": "report",
    "draw": "draw",
    "plot": "plot",
    "help": "help",
}
# How the first page of help groups them.
GROUPS = {
    "Figures of every layer": ("shape", "rf", "params", "flops", "summary", "memory"),
    "Understand": ("explain", "layer", "box", "erf", "compare", "diff", "report", "draw", "plot"),
    "Design": ("lint", "check", "solve"),
    "Networks": ("list", "show", "convert", "export", "schema"),
    "Manual": ("help",),
}


class Commands(click.Group):
    """The group of all commands; each is imported from its module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f".{COMMANDS[name]}", __package__).command
        # A module of several commands makes the one of a name.
        return command if isinstance(command, click.Command) else command(name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What NET may be, and the commands in groups, those of no group last."""
        with formatter.section("NET is one of"):
            formatter.write_dl(_forms_of_net())
        grouped = {name for names in GROUPS.values() for name in names}
        others = tuple(name for name in COMMANDS if name not in grouped)
        widest = max(map(len, COMMANDS))
        for heading, names in {**GROUPS, "Others": others}.items():
            if names:
                commands = [(name, self.get_command(ctx, name)) for name in names]
                with formatter.section(heading):
                    formatter.write_dl(
                        [
                            (name.ljust(widest), command.get_short_help_str(formatter.width))
                            for name, command in commands
                            if command is not None
                        ]
                    )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            if hint := did_you_mean(name, COMMANDS, ""):
                ctx.fail(f"No such command {name!r}. {hint[0].upper()}{hint[1:]}")
            if _is_network(name):
                ctx.fail(f"{name!r} is a network; a command comes first: cnncalc summary {name}")
        return super().resolve_command(ctx, args)


def _forms_of_net() -> list[tuple[str, str]]:
    from ..readers import SUFFIXES

    readers = dict.fromkeys(SUFFIXES.values())
    suffixes = {reader: [s for s in SUFFIXES if SUFFIXES[s] == reader] for reader in readers}
    formats = "; ".join(f"{reader} ({', '.join(suffixes[reader])})" for reader in readers)
    return [
        ("NAME", "a built-in network, as vgg16; `cnncalc list` shows them"),
        ("FILE", f"a definition or a model: {formats}"),
        ("MODULE:FACTORY", "a PyTorch module, with --reader torch"),
        ("-", "YAML on standard input"),
    ]


def _is_network(name: str) -> bool:
    from .. import zoo

    return zoo.path(name) is not None or os.path.isfile(name)


def _show_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from ..version import __version__

        click.echo(f"cnncalc {__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def group() -> None:
    """Exact figures of convolutional networks, layer by layer.

    Output shapes, receptive field with effective stride, padding and centre, parameters, MACs and
    FLOPs, in integers and fractions: what is not known is shown as ?.

    \b
    Examples:
      cnncalc rf vgg16
      cnncalc shape --yaml mynet.yaml
      cnncalc summary alexnet --csv
      cnncalc help start
    """


def run(arguments: list[str] | None = None) -> int:
    """Run a command; gives its exit status: 0 done, 1 a wrong definition, 2 a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            _let_spell(stream)
    if "_CNNCALC_COMPLETE" in os.environ:
        from .completion import register

        register()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_output()
        status = DONE
    except OSError as error:
        say_wrong(f"cannot write the output: {error.strerror or error}")
        silence_output()
        status = WRONG
    return status


def _let_spell(stream: Any) -> None:
    """Let a stream write what its encoding does not have: a terminal without × gets the figures."""
    if stream.encoding.lower().startswith("utf"):
        stream.reconfigure(errors="backslashreplace")
        return
    from ..text.spelling import reconfigure

    reconfigure(stream)


def _run(arguments: list[str] | None) -> int:
    try:
        return group.main(arguments, prog_name="cnncalc", standalone_mode=False) or DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except SystemExit as stop:
        # So click ends after completing a word.
        return int(stop.code or DONE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except MemoryError:
        say_wrong("out of memory: the network is too large to be analysed here")
        return WRONG
    except CnncalcError as error:
        complain(error)
        return MISUSED if isinstance(error, UsageError) else WRONG
