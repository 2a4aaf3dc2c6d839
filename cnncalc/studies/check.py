"""Bounds on a network's figures, and whether it keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any

from ..analysis.analysis import note_ignored, trace_of
from ..analysis.trace import Trace
from ..arithmetic import Input, Number
from ..definition.arguments import checked_text
from ..definition.budgets import (
    BUDGETS,
    KEYS,
    MEMORY,
    RF_OF,
    WEIGHT_MEMORY,
    whole_bound,
)
from ..definition.definition import Definition, Located
from ..definition.inputs import AskedInput
from ..errors import DefinitionError, UsageError
from ..layers.storage import DTYPES
from ..loading import network_of
from ..network.network import Network
from ..record import Record
from ..report.display import DisplayedTuple
from ..report.layer import LayerReport
from ..report.report import Report
from ..wording import did_you_mean, quote
from .memory import peak_bytes
from .memory.storages import chosen_word

OK, EXCEEDED, MISSED, UNKNOWN = "ok", "exceeded", "missed", "unknown"


class Verdict(Record):
    """A budget, the figure that it bounds and what comes of it.

    `result` is ok, exceeded (over a bound of max_…), missed (under one of min_…) or unknown.
    `layer` is the one whose receptive field it is; None for totals, and where it is unknown.
    """

    budget: str
    figure: int | None
    bound: int
    result: str
    layer: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the budget is kept; an unknown figure keeps none."""
        return self.result == OK


class Verdicts(DisplayedTuple[Verdict]):
    """What becomes of a network's budgets, on an input and a batch: a verdict for each."""

    network: str
    input: Input
    batch: int
    convention: str
    dtype: str


class _Request(Record):
    """The budgets that are asked for: bounds by name, and whose receptive field is meant."""

    bounds: dict[str, int]
    layer: str | None
    layer_place: Located | None


def check(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    batch: int = 1,
    dtype: str = "float32",
    from_layer: str | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
    **budgets: int | str,
) -> Verdicts:
    """Whether a network keeps its budgets, one verdict for each.

    Budgets are those of the definition's `budgets` and the keyword arguments, which override them:
    max_params, max_macs, max_flops, max_activations, max_buffers, max_memory and max_weight_memory
    (the peak of what is live, and the parameters, in bytes of numbers of the `dtype`), min_rf,
    max_rf (a bound in pixels that holds on every axis) and rf_of (the layer whose receptive field
    is meant; without it the widest one of a layer that does not see the whole input). The other
    arguments are those
    of `analyze`. Raises what `analyze` raises, DefinitionError for a wrong `budgets` key, and
    UsageError for a wrong argument and where there is no budget at all.

    >>> import cnncalc
    >>> for verdict in check(cnncalc.load("vgg16"), max_params="150M", min_rf=224):
    ...     print(verdict.budget, verdict.figure, verdict.bound, verdict.result)
    max_params 138357544 150000000 ok
    min_rf 212 224 missed
    """
    width = DTYPES[chosen_word(dtype, "type of numbers", tuple(DTYPES))]
    network = network_of(network)
    request = _request(network.definition, budgets)
    note_ignored(ignore_global)
    trace = trace_of(network, input, batch=batch, from_layer=from_layer, with_global=with_global)
    report = trace.report
    measured = _measured_layer(report, request, network.definition)
    names = [name for name in BUDGETS if name in request.bounds]
    return Verdicts(
        [_verdict(trace, measured, name, request.bounds[name], width) for name in names],
        network=report.network,
        input=report.input,
        batch=report.batch,
        convention=report.convention,
        dtype=dtype,
    )


def _request(definition: Definition, given: Mapping[str, Any]) -> _Request:
    """The definition's budgets, those given in their place."""
    own = definition.budgets
    bounds = {
        name: whole_bound(value, name)
        for name, (value, _) in own.items()
        if name != RF_OF and name not in given
    }
    for name, value in given.items():
        if name not in KEYS:
            raise UsageError(f"unknown budget {quote(name)}; {did_you_mean(name, KEYS)}")
        if name == RF_OF:
            continue
        try:
            bounds[name] = whole_bound(value, name)
        except ValueError as wrong:
            raise UsageError(f"{name} {wrong}") from None
    if not bounds:
        raise UsageError(
            f"{definition.name} has no budgets; give one, as in --max-params 5M, or a budgets key"
        )
    return _with_layer(definition, bounds, own.get(RF_OF), given.get(RF_OF))


def _with_layer(
    definition: Definition, bounds: dict[str, int], own: Located | None, given: Any
) -> _Request:
    wanted = "min_rf" in bounds or "max_rf" in bounds
    if given is not None:
        if not wanted:
            raise UsageError("rf_of says whose field min_rf or max_rf bounds; give one of them")
        return _Request(bounds, checked_text(given, RF_OF), None)
    if own is None:
        return _Request(bounds, None, None)
    return _Request(bounds, str(own.value), own)


def _wrong(definition: Definition, message: str, line: int | None) -> DefinitionError:
    return DefinitionError(message, path=definition.file.path, line=line)


def _measured_layer(
    report: Report, request: _Request, definition: Definition
) -> LayerReport | None:
    """The layer that `rf_of` names."""
    if request.layer is None:
        return None
    try:
        return report[request.layer]
    except UsageError as error:
        if request.layer_place is None:
            raise
        raise _wrong(definition, f"rf_of: {error.message}", request.layer_place.line) from None


def _network_figure(trace: Trace, name: str, figure_name: str, width: int) -> Number:
    """A figure of the whole network, of so many bytes a number; None of a layer's."""
    params = trace.report.totals.params
    if name == WEIGHT_MEMORY:
        return None if params is None else params * width
    if name == MEMORY:
        return peak_bytes(trace.report, trace.network, width)
    return getattr(trace.report.totals, figure_name, None)


def _verdict(
    trace: Trace, measured: LayerReport | None, name: str, limit: int, width: int
) -> Verdict:
    side, figure_name = name.split("_", 1)
    is_least, layers = side == "min", []
    figure, layer = _network_figure(trace, name, figure_name, width), None
    if figure_name == "rf":
        over_axes: Callable[[Any], int] = min if is_least else max
        # Whoever sees a whole map, or nothing of the origin, does not count unless it is named.
        local = [each for each in trace.layers if not each.is_global]
        layers = [each for each in local if trace.fields[each.index][0] is not None]
        layers = layers if measured is None else [measured]
        known = [each for each in layers if None not in each.rf]
        if widest := max(known, key=lambda each: over_axes(each.rf), default=None):
            figure, layer = over_axes(widest.rf), widest.layer
    kept = figure is not None and (figure >= limit if is_least else figure <= limit)
    # A wider field that is unknown may break a largest bound, and may fulfil a least one.
    unsure = kept != is_least and any(None in each.rf for each in layers)
    if figure is None or unsure:
        return Verdict(name, None, limit, UNKNOWN, None if measured is None else measured.layer)
    broken = MISSED if is_least else EXCEEDED
    return Verdict(name, figure, limit, OK if kept else broken, layer)
