"""All that is asked of one network at once: its figures, fields, explanation, memory, faults."""

from __future__ import annotations

from os import PathLike

from ..analysis.analysis import trace_of
from ..analysis.trace import Trace
from ..definition.inputs import AskedInput
from ..loading import network_of
from ..network.network import Network
from ..record import Record
from ..report.report import ShapeError
from .erf import EffectiveFields, erf
from .explain import explain
from .explain.records import Explanation
from .lint import Finding, lint
from .memory import Memory, memory

MOST_LAYERS = 1_500


class Overview(Record):
    """What is known of a network, up to the layer that cannot read what it is given.

    Where there is such an `error`, memory is None and nothing is looked for: both depend on the
    layers that are missing. The effective fields leave out whole maps, so there are none where
    paths through these count, nor of networks that are too long.
    """

    trace: Trace
    explanation: Explanation
    memory: Memory | None
    findings: tuple[Finding, ...]
    error: ShapeError | None
    effective: EffectiveFields | None = None


def overview(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    batch: int = 1,
    from_layer: str | None = None,
    with_global: bool = False,
) -> Overview:
    """Everything of a network; the arguments are those of `analyze`, which raises as it does.

    A layer that cannot read what it is given is no reason to raise: layers before it are known.
    """
    network, error = network_of(network), None
    if input is not None:
        network = network.with_input(input)
    try:
        trace = trace_of(network, batch=batch, from_layer=from_layer, with_global=with_global)
    except ShapeError as refusal:
        if refusal.report is None:
            raise
        error, network = refusal, network.up_to(len(refusal.report))
        trace = trace_of(network, batch=batch, from_layer=from_layer, with_global=with_global)
    explanation = explain(network, batch=batch, from_layer=from_layer, with_global=with_global)
    if error is not None:
        return Overview(trace, explanation, None, (), error)
    findings = tuple(lint(network, from_layer=from_layer))
    effective = None
    if not with_global and len(network.nodes) <= MOST_LAYERS:
        effective = erf(network, shares=True, from_layer=from_layer)
    held = memory(network, batch=batch)
    return Overview(trace, explanation, held, findings, None, effective)
