"""Every figure of every layer, with the formula that gives it and the numbers put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from os import PathLike

from ...analysis.analysis import note_ignored, trace_of
from ...analysis.trace import Trace
from ...arithmetic import AXES
from ...definition.arguments import items
from ...definition.inputs import AskedInput
from ...layers.formulas.costs import MACS, PARAMETERS, STATISTICS
from ...layers.formulas.sizes import NO_SIZE
from ...layers.formulas.step import Dims, Step, constant, on_axes, unknown
from ...loading import network_of
from ...network.network import Network
from ...report.layer import LayerReport
from .descent import Way, ways
from .fields import field_steps
from .records import Explanation, LayerExplanation, Section

DEEPEST_WAY = 1_000


def explain(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    layers: Iterable[str | int] | str | None = None,
    batch: int = 1,
    from_layer: str | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> Explanation:
    """How the figures of the named layers come about, or those of all layers.

    `layers` are names, or places from 0; the other arguments are those of `analyze`. Raises
    UsageError for a name that the network does not have, and what `analyze` raises.
    """
    note_ignored(ignore_global)
    network = network_of(network)
    trace = trace_of(network, input, batch=batch, from_layer=from_layer, with_global=with_global)
    depths = _depths(network)
    known: dict[int, list[Way]] = {}
    if layers is None:
        wanted = {layer.index: depths[layer.index] <= DEEPEST_WAY for layer in trace.layers}
    else:
        wanted = {trace.report[name].index: True for name in items(layers, "layers")}
    explanations = [_explanation(trace, index, follow, known) for index, follow in wanted.items()]
    return Explanation(trace.report, tuple(explanations))


def _depths(network: Network) -> list[int]:
    """How many layers lie on the longest way from an input to each layer."""
    depths = [0] * (len(network.nodes) + len(network.inputs))
    for node in network.nodes:
        depths[node.index] = 1 + max(depths[source] for source in node.sources)
    return depths


def _explanation(
    trace: Trace, index: int, follow: bool, known: dict[int, list[Way]]
) -> LayerExplanation:
    """The layer's steps; `follow` asks for its ways down, which `known` keeps for others."""
    layer, reading, axes = trace.layer(index), trace.readings[index], trace.axes
    kind, shares = layer.node.kind, layer.node.shares
    own_axes = AXES.get(len(layer.out_shape) - 1, axes)
    output = (kind.explain_channels(reading), *on_axes(kind.explain_size(reading), own_axes))
    steps = kind.explain_costs(reading.but(copies=layer.scale))
    costs = _costs(steps, layer, None if shares is None else trace.name(shares))
    fields = _fields(trace, index)
    if not follow:
        reason = f"not followed here, through over {DEEPEST_WAY:,} layers; name the layer to see it"
        fields.append(unknown("way down", "", reason))
    sections = (
        Section("output", tuple(map(_with_reason, output))),
        Section("field", tuple(fields)),
        Section("costs", tuple(map(_with_reason, costs))),
    )
    units_of = trace.unit_owners[index]
    if units_of not in known:
        known[units_of] = _ways(trace, units_of) if follow else []
    return LayerExplanation(layer, sections, tuple(known[units_of]))


def _with_reason(step: Step) -> Step:
    """The step; where its result is unknown, with what is not known of its formula."""
    numbers = step.result.numbers if isinstance(step.result, Dims) else (step.result,)
    missing = [name for name in step.symbols if step.values[name] is None]
    if None not in numbers or not missing or step.branch == NO_SIZE:
        return step
    reason = "not known" if step.formula in missing else f"{', '.join(missing)} not known"
    return step.but(branch=f"{step.branch}; {reason}" if step.branch else reason)


def _costs(steps: Sequence[Step], layer: LayerReport, owner: str | None) -> Iterator[Step]:
    """The kind's steps, and FLOPs after the MACs.

    `owner` is the layer whose parameters this one uses, if it has none of its own.
    """
    for step in steps:
        if owner is not None and step.quantity in (PARAMETERS, STATISTICS):
            yield constant(step.quantity, "", 0, f"those of {owner}, counted there")
            continue
        yield step
        if step.quantity == MACS and layer.macs != 0:
            yield Step("FLOPs", "", "2·MACs", {"MACs": layer.macs}, layer.flops)


def _fields(trace: Trace, index: int) -> list[Step]:
    if trace.axes_alike(index):
        return [step.on(trace.axes) for step in field_steps(trace, index, 0)]
    columns = [field_steps(trace, index, axis) for axis in range(len(trace.axes))]
    return on_axes(columns, trace.axes)


def _ways(trace: Trace, index: int) -> list[Way]:
    """The ways down from a layer, for all axes once where they are alike."""
    axes = trace.axes
    if index <= 0 or index == trace.origin or trace.axes_alike(index):
        return [way.on(axes) for way in ways(trace, index, 0)]
    columns = [ways(trace, index, axis) for axis in range(len(axes))]
    if all(column == columns[0] for column in columns):
        return [way.on(axes) for way in columns[0]]
    return [way.on((axis,)) for axis, column in zip(axes, columns) for way in column]
