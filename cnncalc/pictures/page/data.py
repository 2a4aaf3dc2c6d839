"""What the page is given of a network: the JSON of the commands, its fields and its graph."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from collections.abc import Sequence
from json import dumps
from typing import Any

from ...layers import family
from ...studies.compare import corresponding
from ...studies.report import Overview
from ...text.explain_rows import legend, notes, rows
from .fields import LARGEST_DOUBLE, beyond_doubles, field_table
from .heat import heat_table
from .parts import block_outputs, graph

MANY_DIGITS = re.compile(r"\d{16}")
STRONGEST = 9


def packed_data(networks: Sequence[Overview], channels_last: bool = False) -> str:
    """All data of the page in base64: nothing in it can be taken for a part of the page."""
    first, *others = (each.trace.report for each in networks)
    pairs = [
        [pair.first.index, pair.other.index]
        for other in others
        for pair in corresponding(first, other)
        if pair.first and pair.other
    ]
    data = {
        "channelsLast": channels_last,
        "pairs": pairs,
        "networks": [network_data(each) for each in networks],
    }
    text = dumps(data, separators=(",", ":"))
    if MANY_DIGITS.search(text):
        text = dumps(_with_digits(data), separators=(",", ":"))
    compressor = zlib.compressobj(STRONGEST, wbits=-zlib.MAX_WBITS)
    return b64encode(compressor.compress(text.encode()) + compressor.flush()).decode("ascii")


def network_data(found: Overview) -> dict[str, Any]:
    """A network as the page has it; layers go by their indices, the first input by 0."""
    trace, memory = found.trace, found.memory
    report = trace.report.but(complete=found.error is None)
    table, places = field_table(trace)
    heats, heats_of = heat_table(found.effective)
    return {
        "report": report.to_dict(None if found.error is None else str(found.error)),
        "memory": memory and {name: v for name, v in memory.to_dict().items() if name != "plan"},
        "findings": [finding.to_dict() for finding in found.findings],
        "explain": _explanation_rows(found),
        "warnings": report.warnings,
        "axes": report.axes,
        "inputs": list(report.inputs.items()),
        "origin": report.origin,
        "pixels": trace.origin_sizes,
        "batch": report.batch,
        "withGlobal": report.with_global,
        "families": [family(layer.type) for layer in report],
        "through": {layer.index: layer.through for layer in report if layer.gated},
        "blocks": block_outputs(report),
        "graph": graph(trace),
        "fields": table,
        "fieldsOf": places,
        "heats": heats,
        "heatsOf": heats_of,
        "big": beyond_doubles(trace),
    }


def _explanation_rows(found: Overview) -> dict[str, Any]:
    """Per layer the rows of its explanation: quantity, symbol, formula, numbers, result, note."""
    layers = [[list(row)[:-1] for row in rows(explained, False)] for explained in found.explanation]
    return {
        "layers": layers,
        "symbols": legend(found.explanation),
        "notes": notes(found.explanation),
    }


def _with_digits(value: Any) -> Any:
    """The data with numbers that the page's own do not hold as their digits."""
    if isinstance(value, dict):
        return {key: _with_digits(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_digits(one) for one in value]
    if isinstance(value, int) and abs(value) >= LARGEST_DOUBLE:
        return str(value)
    return value
