"""The command that draws charts of networks."""

from __future__ import annotations

import click

from ..analysis.analysis import analyze
from ..errors import UsageError
from ..loading import load
from ..network.network import Network
from ..pictures.plots import THEMES, picture, require_matplotlib, suffix_of
from ..pictures.plots.charts import (
    Chart,
    Spot,
    cost_chart,
    depth_chart,
    heat_chart,
    heat_map,
    memory_line,
    report_line,
)
from ..pictures.plots.front import DEFAULT_AXES, front_chart
from ..studies.compare import variant, widest
from ..studies.erf import erf
from ..studies.memory import memory
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import write

FIGURES = ("rf", "params", "macs", "memory", "live", "erf", "scatter", "front")


def _network(asked: Asked) -> Network:
    """A network, or a variant of one as `compare` takes it, by the name that was given."""
    name = str(asked.net)
    if name == "-" or asked.reads_otherwise:
        network = asked.network()
        return network if asked.input is None else network.with_input(asked.input)
    which = variant(name)
    network = load(which.name, **which.arguments)
    shape = which.input or asked.input
    return (network if shape is None else network.with_input(shape)).but(name=name)


def _spot(network: Network) -> Spot:
    report = analyze(network)
    params, macs = report.totals.params, report.totals.macs
    if params is None or macs is None:
        raise UsageError(f"{network.name} has no point: its parameters or MACs are not known")
    known = [rf for rf in widest(report) if rf is not None]
    return Spot(network.name, params, macs, max(known, default=None))


def _chart(figure: str, networks: list[Network]) -> Chart:
    if figure == "scatter":
        return cost_chart([_spot(network) for network in networks])
    if figure == "erf":
        return heat_chart([heat_map(net.name, erf(net, shares=True)) for net in networks])
    if figure == "live":
        return depth_chart(figure, [memory_line(net.name, memory(net)) for net in networks])
    lines = [report_line(net.name, analyze(net), figure) for net in networks]
    return depth_chart(figure, lines)


def _axes(ctx: click.Context, option: click.Parameter, given: str | None) -> tuple[str, ...]:
    names = tuple(each.strip() for each in (given or ",".join(DEFAULT_AXES)).split(","))
    if len(names) != 2:
        raise click.BadParameter(f"{given!r} must be two figures, as in params,rf")
    return names


@click.command("plot", cls=GroupedCommand, short_help="Charts of networks for slides and papers.")
@click.argument("nets", metavar="NET…", nargs=-1, shell_complete=shared.completer("net"))
@click.option("--figure", type=click.Choice(FIGURES), required=True, help="What is drawn.")
@click.option(
    "--axes",
    metavar="X,Y",
    callback=_axes,
    help=f"The two figures of front; {','.join(DEFAULT_AXES)} if none are given.",
)
@click.option("--theme", type=click.Choice(THEMES), default=THEMES[0], help="On white or on black.")
@shared.reader_options
@shared.input_options("Input of those without one of their own: 3x320x320, 320x480 or 320.")
@click.option("-o", "--output", "path", metavar="FILE", required=True, help="An svg, png or pdf.")
def command(
    asked: Asked, nets: tuple[str, ...], figure: str, axes: tuple[str, ...], theme: str, path: str
) -> None:
    """Charts along the depth, several networks in one: rf, params, macs, memory (what each layer
    gives), live (bytes), erf (effective fields); scatter, a point a network; front, of the CSV file
    of a sweep. Needs matplotlib: pip install "cnncalc[plot]".

    A NET may be a variant, as in compare: mobilenet_v1:alpha=0.5, vgg16@320.

    \b
    Examples:
      cnncalc plot vgg16 resnet50 --figure rf -o rf.svg
      cnncalc plot alexnet vgg16 resnet50 densenet121 --figure scatter -o cost.pdf
    """
    suffix = suffix_of(path)
    require_matplotlib()
    if not nets:
        raise click.UsageError("Give the networks to plot, as in: cnncalc plot vgg16 resnet50 …")
    if figure == "front":
        if len(nets) > 1:
            raise click.UsageError("--figure front takes one file, the CSV of a sweep")
        chart: Chart = front_chart(nets[0], axes)
    else:
        chart = _chart(figure, [_network(asked.but(net=net)) for net in nets])
    write(picture(chart, suffix, theme), path)
