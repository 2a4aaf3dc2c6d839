"""Which layer sees so many pixels, and what would make one see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike

from ...analysis.analysis import note_ignored, trace_of
from ...arithmetic import AXES
from ...definition.arguments import along_axes
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from ...report.layer import LayerReport
from ...report.report import Report
from ...wording import quote
from .field_search import NoWay, Proposal, Widening, sees


class FieldAnswer(Displayed, Record):
    """Who sees `wanted` pixels per axis: the `first` layers of all paths that do.

    `layer` is the one that changes are sought for, as it is now (None where every layer sees a
    whole map); `proposals` are empty where it sees enough. `missing` says of the other kinds of
    change why there is none.
    """

    report: Report
    wanted: tuple[int, ...]
    first: tuple[LayerReport, ...]
    layer: LayerReport | None
    proposals: tuple[Proposal, ...]
    missing: tuple[tuple[str, str], ...]


def field_changes(
    network: Network | str | PathLike[str],
    rf: Sequence[int] | int | None = None,
    *,
    layer: str | None = None,
    input: AskedInput | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> FieldAnswer:
    """The first layers that see `rf` pixels (the input's size by default), and what would do it.

    Changes are sought for `layer`, by default the last that does not see the whole map: further
    layers, larger dilations with the padding that keeps the map's size, a larger stride. Each is
    the least of its kind, and is analysed.

    Raises UsageError where the request does not fit the network.
    """
    network = network_of(network)
    if input is not None:
        network = network.with_input(input)
    wanted = _wanted_fields(network, rf)
    note_ignored(ignore_global)
    trace = trace_of(network, with_global=with_global)
    target = _target(trace.report, layer)
    first = tuple(_first(trace.report, wanted))
    proposals: list[Proposal] = []
    missing: list[tuple[str, str]] = []
    if target is not None and not sees(target, wanted):
        search = Widening(trace, target, wanted)
        for kind, find in search.kinds.items():
            try:
                proposals.append(find())
            except NoWay as reason:
                missing.append((kind, str(reason)))
    return FieldAnswer(trace.report, wanted, first, target, tuple(proposals), tuple(missing))


def _wanted_fields(network: Network, rf: Sequence[int] | int | None) -> tuple[int, ...]:
    if rf is None:
        sizes = network.first_input[1:]
        if None in sizes:
            raise UsageError(f"the input of {network.name} has no size; say how much is to be seen")
        return sizes  # type: ignore[return-value]
    wanted = along_axes(rf, AXES[network.axes], "rf")
    if min(wanted) < 1:
        raise UsageError(f"rf must be at least 1, not {min(wanted)}")
    return wanted


def _first(report: Report, wanted: tuple[int, ...]) -> Iterator[LayerReport]:
    """Layers that see enough, and read none that does."""
    seeing = {layer.index for layer in report if sees(layer, wanted)}
    for layer in report:
        if layer.index in seeing and seeing.isdisjoint(layer.node.sources):
            yield layer


def _target(report: Report, name: str | None) -> LayerReport | None:
    if name is not None:
        layer = report[name]
        if layer.is_global or None in layer.rf:
            what = "sees a whole map" if layer.is_global else "has no known field"
            raise UsageError(f"layer {quote(name)} {what}; name one before it")
        return layer
    local = [layer for layer in report if not layer.is_global and None not in layer.rf]
    return local[-1] if local else None
