"""The command for one layer without a file: options come from the layer kind's declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..analysis.analysis import analyze
from ..definition.scalars import exact_numbers
from ..definition.shape import MOST_AXES
from ..layers import KINDS, kind
from ..layers.attributes import REQUIRED, Attribute
from ..layers.base import Layer
from ..network.network import Network
from ..network.single_layer import axes_of, layer, shape_of
from ..report.report import Report, ShapeError
from ..text.views import Selection, View, every
from ..wording import nearest
from . import options as shared
from .output import terminal_width, write

FORMATS = (*shared.FORMATS, "text", "latex")
EXPLAINING = ("text", "latex")
PREFIX = "attribute_"
HIDDEN = ("unknown",)
METAVARS = {
    "one": "VALUE",
    "per axis": "N[xN]",
    "pairs": "N[xN] | B:A[xB:A]",
    "range": "FROM:TO",
    "list": "N,N,…",
}
COLUMNS = "in_shape out_shape weight_shape params macs flops rf eff_stride eff_pad center"
FLAT = (
    "type kernel stride padding dilation groups out_channels out params buffers macs flops "
    "activations rf rf_min eff_stride eff_pad center"
)
VIEW = View("layer", tuple(FLAT.split()), ("type", *COLUMNS.split()), every)


class Types(click.Group):
    """The layer types, each a command whose options are the kind's attributes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in KINDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return type_command(name) if name in self.list_commands(ctx) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            close = nearest(name, self.list_commands(ctx))
            hint = f"Did you mean {close[0]!r}?" if close else "`cnncalc layer --help` lists them."
            ctx.fail(f"No layer type is named {name!r}. {hint}")
        return super().resolve_command(ctx, args)


def _attribute_option(name: str, declared: Attribute[Any]) -> Callable[[Any], Any]:
    """The option that gives an attribute."""
    flag, target = f"--{name.replace('_', '-')}", PREFIX + name
    default = declared.default
    known = default is not REQUIRED and default is not None
    shown = str(default).lower() if isinstance(default, bool) else default
    told = f"{declared.expects.format(axes='3x5')}{f'; default {shown}' if known else ''}"
    if declared.form == "switch":
        return click.option(f"{flag}/--no-{flag[2:]}", target, default=None, help=told)
    required = default is REQUIRED
    return click.option(flag, target, metavar=METAVARS[declared.form], required=required, help=told)


def _numbers(ctx: click.Context, option: click.Parameter, given: str | None) -> list[Any] | None:
    if given is None:
        return None
    numbers = exact_numbers(given)
    if numbers is None or len(numbers) > MOST_AXES:
        raise click.BadParameter(f"{given!r} must be a number over 0, or one per axis: 665x400")
    return numbers


REGION_OPTIONS = [
    click.option(
        "--region", metavar="SIZE", callback=_numbers, help="Show the bins of a region: 665x665."
    ),
    click.option(
        "--eff-stride",
        metavar="N",
        callback=_numbers,
        help="Input pixels from one unit of the map to the next.",
    ),
]


def type_command(name: str) -> click.Command:
    """The command of a layer type."""
    cls = kind(name)

    def callback(**asked: Any) -> None:
        run(cls, **asked)

    inputs = " ".join(["--input 64x56x56"] * cls.least_inputs)
    example = f"cnncalc layer {name} {inputs} {cls.example}".rstrip()
    callback.__doc__ = f"{cls.__doc__}\n\n\b\nExample:\n  {example}\n"
    given = [
        _attribute_option(attribute, declared)
        for attribute, declared in cls.attributes.items()
        if attribute != cls.reference
    ]
    decorators = [
        click.option(
            "--input",
            "inputs",
            metavar="SHAPE",
            multiple=True,
            help="What it reads: 64x56x56, or 4096 for a vector; once for every input.",
        ),
        *given,
        *(REGION_OPTIONS if hasattr(cls, "explain_region") else []),
        click.option("--explain", is_flag=True, help="Show how every figure comes about."),
        shared.batch_option,
        click.option(
            "--layout",
            type=click.Choice(("nchw", "nhwc")),
            default="nchw",
            help="How shapes and weight shapes are written in tables.",
        ),
        shared.format_options_of(FORMATS),
    ]
    # What only undoes another layer cannot stand alone; asked for, it says so.
    lonely = cls.reference is not None and cls.attributes[cls.reference].default is REQUIRED
    made = click.command(name, short_help=cls.__doc__, hidden=lonely)
    return made(shared.apply(callback, decorators))


def _network(cls: type[Layer], asked: dict[str, Any]) -> Network:
    """The layer as a network; values per axis are as many as the inputs have axes."""
    axes = axes_of([shape_of(given) for given in asked["inputs"]])
    attributes = {}
    for name, declared in cls.attributes.items():
        given = asked.get(PREFIX + name)
        if given is not None:
            attributes[name] = declared.from_text(given, axes) if isinstance(given, str) else given
    return layer(cls.type, *asked["inputs"], **attributes)


def run(cls: type[Layer], **asked: Any) -> None:
    """Make the layer, analyse or explain it, write."""
    form = shared.chosen_format(asked, FORMATS)
    network = _network(cls, asked)
    region = asked.get("region")
    if (region is None) != (asked.get("eff_stride") is None):
        raise click.UsageError("--region and --eff-stride go together.")
    try:
        if asked["explain"] or region or form in EXPLAINING:
            text, warnings = _explained(network, form, region, asked)
        else:
            report = analyze(network, batch=asked["batch"])
            text, warnings = _table(report, form, asked), report.warnings
    except ShapeError as error:
        raise ShapeError(error.message, layer=error.layer) from None
    write(text, asked["output"])
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def _explained(
    network: Network, form: str, region: list[Any] | None, asked: dict[str, Any]
) -> tuple[str, tuple[str, ...]]:
    from ..studies.explain import explain
    from ..studies.explain.records import Explanation, LayerExplanation
    from ..studies.explain.regions import region_section
    from .explain import render

    explanation = explain(network, layers=[network.nodes[-1].name], batch=asked["batch"])
    if region:
        (explained,) = explanation.layers
        section = region_section(network, region, asked["eff_stride"])
        sections = (*explained.sections, section) if asked["inputs"] else (section,)
        ways = explained.ways if asked["inputs"] else ()
        made = LayerExplanation(explained.layer, sections, ways)
        explanation = Explanation(explanation.report, (made,))
    return render(explanation, form, detailed=True), explanation.report.warnings


def _table(report: Report, form: str, asked: dict[str, Any]) -> str:
    """The layer's row in a format."""
    selection = Selection(report, VIEW, report.layers[-1:])
    if form == "json":
        from ..text.json import json_report

        return json_report(selection)
    if form in ("csv", "tsv"):
        from ..text.delimited import delimited

        return delimited(selection, form)
    from ..text.grid import Grid, grid

    drawn = grid(selection, asked["layout"] == "nhwc")
    drawn = Grid(**{**drawn.as_dict(), "footer": []})
    if form == "markdown":
        from ..text.markdown import markdown

        return markdown(drawn)
    from ..text.table import table

    return table(drawn, None if asked["output"] else terminal_width())


@click.group(
    "layer",
    cls=Types,
    short_help="One layer, without a file.",
    options_metavar="",
    subcommand_metavar="TYPE [OPTIONS]",
)
def layer_command() -> None:
    """The figures of one layer, from its type, the shapes that it reads and its attributes.

    \b
    Examples:
      cnncalc layer conv --input 3x224x224 --kernel-size 7 --stride 2 --padding 3 --out-channels 64
      cnncalc layer add --input 64x56x56 --input 64x1x1
      cnncalc layer roi_pool --region 665x665 --eff-stride 32 --output-size 7
    """


def command(name: str) -> click.Command:
    """The command of the name."""
    return layer_command
