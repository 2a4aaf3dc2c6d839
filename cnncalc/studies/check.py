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
    RelativeBound,
    bound_of,
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
from ..wording import did_you_mean, quote
from .memory import peak_bytes
from .memory.storages import chosen_word

OK, EXCEEDED, MISSED, UNKNOWN = "ok", "exceeded", "missed", "unknown"


class Verdict(Record):
    """A budget, the figure that it bounds and what comes of it.

    `result` is ok, exceeded (over a bound of max_…), missed (under one of min_…) or unknown.
    `bound` is None where it is relative to a baseline's figure that is unknown. `layer` is the one
    whose receptive field it is; None for totals, and where it is unknown. `line` is the budget's in
    the definition.
    """

    budget: str
    figure: int | None
    bound: int | None
    result: str
    layer: str | None = None
    line: int | None = None

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

    bounds: dict[str, int | RelativeBound]
    lines: dict[str, int | None]
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
    baseline: Network | str | PathLike[str] | None = None,
    **budgets: int | str,
) -> Verdicts:
    """Whether a network keeps its budgets, one verdict for each.

    Budgets are those of the definition's `budgets` and the keyword arguments, which override them:
    max_params, max_macs, max_flops, max_activations, max_buffers, max_memory and max_weight_memory
    (the peak of what is live, and the parameters, in bytes of numbers of the `dtype`), min_rf,
    max_rf (a bound in pixels that holds on every axis) and rf_of (the layer whose receptive field
    is meant; without it the widest one of a layer that does not see the whole input). A bound may
    be relative to the `baseline`'s figure: `max_macs="+5%"`. The other arguments are those of
    `analyze`. Raises what `analyze` raises, DefinitionError for a wrong `budgets` key, and
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
    how: dict[str, Any] = {"batch": batch, "from_layer": from_layer, "with_global": with_global}
    measures = _Measures(trace_of(network, input, **how), request, width)
    report = measures.trace.report

    def of_baseline() -> _Measures:
        assert baseline is not None
        return _Measures(trace_of(network_of(baseline), input, **how), request, width)

    bounds = _bounds(request, None if baseline is None else of_baseline)
    return Verdicts(
        [_verdict(measures, name, bound, request.lines[name]) for name, bound in bounds.items()],
        network=report.network,
        input=report.input,
        batch=report.batch,
        convention=report.convention,
        dtype=dtype,
    )


def _request(definition: Definition, given: Mapping[str, Any]) -> _Request:
    """The definition's budgets, those given in their place."""
    own = definition.budgets
    lines: dict[str, int | None] = dict.fromkeys(given)
    bounds = {
        name: bound_of(value, name)
        for name, (value, _) in own.items()
        if name != RF_OF and name not in given
    }
    lines |= {name: own[name].line for name in bounds}
    for name, value in given.items():
        if name not in KEYS:
            raise UsageError(f"unknown budget {quote(name)}; {did_you_mean(name, KEYS)}")
        if name == RF_OF:
            continue
        try:
            bounds[name] = bound_of(value, name)
        except ValueError as wrong:
            raise UsageError(f"{name} {wrong}") from None
    if not bounds:
        raise UsageError(
            f"{definition.name} has no budgets; give one, as in --max-params 5M, or a budgets key"
        )
    return _Request(bounds, lines, *_layer_asked(bounds, own.get(RF_OF), given.get(RF_OF)))


def _layer_asked(
    bounds: Mapping[str, Any], own: Located | None, given: Any
) -> tuple[str | None, Located | None]:
    """Whose receptive field is meant, and where the definition says so."""
    wanted = "min_rf" in bounds or "max_rf" in bounds
    if given is not None:
        if not wanted:
            raise UsageError("rf_of says whose field min_rf or max_rf bounds; give one of them")
        return checked_text(given, RF_OF), None
    return (None, None) if own is None else (str(own.value), own)


class _Figure(Record):
    """A figure; the layer whose field it is; whether a wider field may be among the unknown."""

    value: Number
    layer: str | None = None
    unsure: bool = False


class _Measures:
    """The figures of one network that budgets bound."""

    def __init__(self, trace: Trace, request: _Request, width: int) -> None:
        self.trace = trace
        self.width = width
        self.layer = _measured_layer(trace, request)

    def figure(self, budget: str) -> _Figure:
        """What a budget bounds."""
        side, name = budget.split("_", 1)
        if name == "rf":
            return self._field(min if side == "min" else max)
        totals = self.trace.report.totals
        if budget == WEIGHT_MEMORY:
            return _Figure(None if totals.params is None else totals.params * self.width)
        if budget == MEMORY:
            return _Figure(peak_bytes(self.trace.report, self.trace.network, self.width))
        return _Figure(getattr(totals, name))

    def _field(self, over_axes: Callable[[Any], int]) -> _Figure:
        # Whoever sees a whole map, or nothing of the origin, does not count unless it is named.
        local = [each for each in self.trace.layers if not each.is_global]
        layers = [each for each in local if self.trace.fields[each.index][0] is not None]
        layers = layers if self.layer is None else [self.layer]
        known = [each for each in layers if None not in each.rf]
        unsure = len(known) < len(layers)
        if not known:
            return _Figure(None, None, unsure)
        widest = max(known, key=lambda each: over_axes(each.rf))
        return _Figure(over_axes(widest.rf), widest.layer, unsure)


def _measured_layer(trace: Trace, request: _Request) -> LayerReport | None:
    """The layer that `rf_of` names."""
    if request.layer is None:
        return None
    try:
        return trace.report[request.layer]
    except UsageError as error:
        if request.layer_place is None:
            raise
        path, line = trace.network.definition.file.path, request.layer_place.line
        raise DefinitionError(f"rf_of: {error.message}", path=path, line=line) from None


def _bounds(request: _Request, baseline: Callable[[], _Measures] | None) -> dict[str, int | None]:
    """Every bound as a number; None where the baseline's figure is unknown."""
    changes = [bound.text for bound in request.bounds.values() if isinstance(bound, RelativeBound)]
    if changes and baseline is None:
        hint = "give what to compare with: --baseline FILE or REV:FILE"
        raise UsageError(f"the budget {changes[0]} is relative; {hint}")
    measures = baseline() if changes and baseline else None
    bounds: dict[str, int | None] = {}
    for name in BUDGETS:
        bound = request.bounds.get(name)
        if isinstance(bound, RelativeBound):
            assert measures is not None
            figure = measures.figure(name)
            known = figure.value is not None and not figure.unsure
            bound = bound.number(figure.value or 0, name.startswith("min_")) if known else None
        if name in request.bounds:
            bounds[name] = bound
    return bounds


def _verdict(measures: _Measures, name: str, limit: int | None, line: int | None) -> Verdict:
    is_least = name.startswith("min_")
    figure, layer, unsure = measures.figure(name)
    if figure is None or limit is None:
        named = None if measures.layer is None else measures.layer.layer
        return Verdict(name, figure, limit, UNKNOWN, layer or named, line)
    kept = figure >= limit if is_least else figure <= limit
    # A wider field that is unknown may break a largest bound, and may fulfil a least one.
    if unsure and kept != is_least:
        named = None if measures.layer is None else measures.layer.layer
        return Verdict(name, None, limit, UNKNOWN, named, line)
    broken = MISSED if is_least else EXCEEDED
    return Verdict(name, figure, limit, OK if kept else broken, layer, line)
