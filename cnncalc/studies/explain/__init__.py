"""Every figure of every layer, with the formula that gives it and the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analysis.analysis import traced
from ...arithmetic import Shape
from ...layers.formulas.costs import MACS, PARAMETERS, STATISTICS
from ...layers.formulas.sizes import NO_SIZE
from ...layers.formulas.step import Dims, Step, constant, on_axes, unknown
from ...network.network import Network
from ...report.layer import LayerReport
from ...report.report import Report
from .descent import Way, ways
from .fields import field_steps
from .records import Explanation, LayerExplanation, Section
from .subject import Subject

DEEPEST_WAY = 1_000


def explain(
    network: Network,
    input: Shape | Sequence[int | None] | str | int | None = None,
    *,
    layers: Sequence[str] | None = None,
    batch: int = 1,
    from_layer: str | None = None,
    ignore_global: bool = False,
) -> Explanation:
    """How the figures of the named layers come about, or those of all layers.

    The other arguments are those of `analyze`. Raises UsageError for a name that the network does
    not have, and what `analyze` raises.
    """
    trace = traced(network, input, batch=batch, from_layer=from_layer, ignore_global=ignore_global)
    origin = 0 if from_layer is None else network.index(from_layer)
    subject = Subject(network, trace, origin, ignore_global)
    chosen = _chosen(trace.report, layers)
    depths = _depths(network) if layers is None else None
    known: dict[int, list[Way]] = {}
    explained = []
    for layer in chosen:
        follow = depths is None or depths[layer.index] <= DEEPEST_WAY
        explained.append(_explained(subject, layer, follow, known))
    return Explanation(trace.report, tuple(explained))


def _chosen(report: Report, names: Sequence[str] | None) -> Sequence[LayerReport]:
    if names is None:
        return report.layers
    return list({report[name].index: report[name] for name in names}.values())


def _depths(network: Network) -> list[int]:
    """How many layers lie on the longest way from the input to each layer."""
    depths = [0]
    for node in network.nodes:
        depths.append(1 + max(depths[source] for source in node.sources))
    return depths


def _explained(
    subject: Subject, layer: LayerReport, follow: bool, known: dict[int, list[Way]]
) -> LayerExplanation:
    """The layer's steps; `follow` asks for its ways down, which `known` keeps for others."""
    kind, axes = layer.node.kind, subject.trace.report.axes
    reading = subject.reading(layer.node)
    sizes = on_axes(kind.explain_size(reading), axes)
    output = (kind.explain_channels(reading), *sizes)
    shares = layer.node.shares
    owner = None if shares is None else subject.network.name_of(shares)
    fields = _fields(subject, layer.index, axes)
    if not follow:
        told = f"not followed here, through over {DEEPEST_WAY:,} layers; name the layer to see it"
        fields.append(unknown("way down", "", told))
    sections = (
        Section("output", tuple(map(_reasoned, output))),
        Section("field", tuple(fields)),
        Section("costs", tuple(map(_reasoned, _costs(kind.explain_costs(reading), layer, owner)))),
    )
    seen = subject.seen(layer.index)
    if seen not in known:
        known[seen] = _ways(subject, seen, axes) if follow else []
    return LayerExplanation(layer, sections, tuple(known[seen]))


def _reasoned(step: Step) -> Step:
    """The step; where its result is unknown, with what is not known of its formula."""
    numbers = step.result.numbers if isinstance(step.result, Dims) else (step.result,)
    missing = [name for name in step.symbols if step.values[name] is None]
    if None not in numbers or not missing or step.branch == NO_SIZE:
        return step
    told = "not known" if step.formula in missing else f"{', '.join(missing)} not known"
    return Step(**{**step.as_dict(), "branch": f"{step.branch}; {told}" if step.branch else told})


def _costs(steps: Sequence[Step], layer: LayerReport, owner: str | None) -> Iterator[Step]:
    """The kind's steps with MACs for all regions and the whole batch, and FLOPs after them.

    `owner` is the layer whose parameters this one uses, if it has none of its own.
    """
    for step in steps:
        if owner is not None and step.quantity in (PARAMETERS, STATISTICS):
            yield constant(step.quantity, "", 0, f"those of {owner}, counted there")
            continue
        if step.quantity != MACS:
            yield step
            continue
        if layer.scale > 1 and layer.macs:
            values = {**step.values, "b": layer.scale}
            step = Step(MACS, "", f"b·{step.formula}", values, layer.macs, step.branch)
        yield step
        if layer.macs != 0:
            yield Step("FLOPs", "", "2·MACs", {"MACs": layer.macs}, layer.flops)


def _fields(subject: Subject, index: int, axes: tuple[str, ...]) -> list[Step]:
    if subject.axes_alike(index):
        return [step.on(axes) for step in field_steps(subject, index, 0)]
    return on_axes([field_steps(subject, index, axis) for axis in range(len(axes))], axes)


def _ways(subject: Subject, index: int, axes: tuple[str, ...]) -> list[Way]:
    """The ways down from a layer, for all axes once where they are alike."""
    if index in (0, subject.origin) or subject.axes_alike(index):
        return [way.on(axes) for way in ways(subject, index, 0)]
    columns = [ways(subject, index, axis) for axis in range(len(axes))]
    if all(column == columns[0] for column in columns):
        return [way.on(axes) for way in columns[0]]
    return [way.on((axis,)) for axis, column in zip(axes, columns) for way in column]
