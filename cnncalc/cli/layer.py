"""The command for one layer without a file: options come from the layer kind's declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..analysis.analysis import analyze
from ..definition.scalars import exact_numbers, number_parts, scalar
from ..definition.shape import MOST_AXES, ChannelsLast, layer_axes, layer_note
from ..layers import KINDS, kind
from ..layers.attributes import REQUIRED, Attribute
from ..layers.base import Layer
from ..network.network import Network
from ..network.single_layer import layer
from ..report.report import ShapeError
from ..studies.explain import explain
from ..studies.explain.records import Explanation
from ..studies.explain.regions import region_section
from ..text.explain import explain_answer
from ..text.report import report_answer
from ..text.selection import Selection, View
from ..wording import did_you_mean
from . import options as shared
from .asked import CHANNELS_LAST
from .grouping import GroupedCommand
from .output import Output, tell, warn

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
VIEW = View("layer", tuple(FLAT.split()), ("type", *COLUMNS.split()), totals=False)


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
            otherwise = "`cnncalc layer --help` lists them."
            hint = did_you_mean(name, self.list_commands(ctx), otherwise, topic="type")
            ctx.fail(f"No layer type is named {name!r}. {hint[0].upper()}{hint[1:]}")
        return super().resolve_command(ctx, args)


def attribute_option(name: str, declared: Attribute[Any]) -> Callable[[Any], Any]:
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
    """Numbers over 0: one, or one per axis."""
    if given is None:
        return None
    numbers = exact_numbers(given)
    if numbers is None or len(numbers) > MOST_AXES:
        raise click.BadParameter(f"{given!r} must be a number over 0, or one per axis: 665x400")
    return numbers


def _region(ctx: click.Context, option: click.Parameter, given: str | None) -> list[Any] | None:
    """A size, or two corners, whose numbers may be of any sign."""
    if given is None:
        return None
    numbers = [scalar(part) for part in number_parts(given)]
    if any(isinstance(each, bool) or not hasattr(each, "numerator") for each in numbers):
        raise click.BadParameter(f"{given!r} must be a size, 665x400, or corners: 10,20,675,420")
    return numbers


REGION_OPTIONS = [
    click.option(
        "--region",
        metavar="SIZE|CORNERS",
        callback=_region,
        help="Show the bins of a region: 665x665, or from corner to corner x0,y0,x1,y1.",
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

    def callback(**options: Any) -> None:
        run(cls, **options)

    inputs = " ".join([f"--input {cls.example_input}"] * cls.least_inputs)
    example = f"cnncalc layer {name} {inputs} {cls.example}".rstrip()
    callback.__doc__ = f"{cls.__doc__}\n\n\b\nExample:\n  {example}\n"
    given = [
        attribute_option(attribute, declared)
        for attribute, declared in cls.attributes.items()
        if attribute != cls.reference
    ]
    decorators = [
        click.option(
            "--input",
            "inputs",
            metavar="SHAPE",
            multiple=True,
            help="What it reads: 64x56x56, 56x56 (axes only) or 4096 (a vector); once per input.",
        ),
        click.option(
            "--axes",
            type=click.IntRange(1, MOST_AXES),
            help="Axes of the inputs; by default 2, or 3 where an input has four numbers.",
        ),
        *given,
        *(REGION_OPTIONS if hasattr(cls, "explain_region") else []),
        click.option("--explain", is_flag=True, help="Show how every figure comes about."),
        shared.batch_option,
        shared.layout_option,
        shared.format_options_of(FORMATS),
    ]
    # What only undoes another layer cannot stand alone; asked for, it says so.
    lonely = cls.reference is not None and cls.attributes[cls.reference].default is REQUIRED
    made = click.command(name, cls=GroupedCommand, short_help=cls.__doc__, hidden=lonely)
    return made(shared.apply(callback, decorators))


def attribute_values(cls: type[Layer], options: dict[str, Any], axes: int) -> dict[str, Any]:
    """The attributes that options give, as a definition would give them."""
    given = {name: options.get(PREFIX + name) for name in cls.attributes}
    return {
        name: cls.attributes[name].from_text(value, axes) if isinstance(value, str) else value
        for name, value in given.items()
        if value is not None
    }


def _network(cls: type[Layer], options: dict[str, Any]) -> Network:
    """The layer as a network; values per axis are as many as the inputs have axes."""
    inputs = options["inputs"]
    if options["layout"] == CHANNELS_LAST:
        inputs = [ChannelsLast(text) for text in inputs]
    axes = options["axes"] or layer_axes(inputs)
    network = layer(cls.type, *inputs, axes=axes, **attribute_values(cls, options, axes))
    for text in inputs:
        tell(layer_note(text, axes, options["axes"] is not None))
    return network


def run(cls: type[Layer], output: Output, **options: Any) -> None:
    """Make the layer, analyse or explain it, write."""
    network = _network(cls, options)
    last, region = options["layout"] == CHANNELS_LAST, options.get("region")
    if (region is None) != (options.get("eff_stride") is None):
        raise click.UsageError("--region and --eff-stride go together.")
    try:
        if options["explain"] or region or output.form in EXPLAINING:
            explanation = _explanation(network, region, options)
            report = explanation.report
            answer = explain_answer(explanation, True, channels_last=last)
        else:
            report = analyze(network, batch=options["batch"])
            selection = Selection(report, VIEW, report.layers[-1:])
            answer = report_answer(selection, last)
        output.write(answer)
    except ShapeError as error:
        raise ShapeError(error.message, layer=error.layer) from None
    warn(report.warnings)


def _explanation(
    network: Network, region: list[Any] | None, options: dict[str, Any]
) -> Explanation:
    explanation = explain(network, layers=[network.nodes[-1].name], batch=options["batch"])
    if not region:
        return explanation
    (explained,) = explanation.layers
    section = region_section(network, region, options["eff_stride"])
    if options["inputs"]:
        explained = explained.but(sections=(*explained.sections, section))
    else:
        explained = explained.but(sections=(section,), ways=())
    return explanation.but(layers=(explained,))


@click.group(
    "layer",
    cls=Types,
    short_help="One layer, without a file.",
    options_metavar="",
    subcommand_metavar="TYPE [OPTIONS]",
)
def command() -> None:
    """The figures of one layer, from its type, the shapes that it reads and its attributes.

    \b
    Examples:
      cnncalc layer conv --input 3x224x224 --kernel-size 7 --stride 2 --padding 3 --out-channels 64
      cnncalc layer add --input 64x56x56 --input 64x1x1
      cnncalc layer roi_pool --region 665x665 --eff-stride 32 --output-size 7
    """
