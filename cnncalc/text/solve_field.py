"""What makes a layer see enough, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..report.columns import decimal
from ..report.layer import LayerReport
from ..studies.solve.field import FieldAnswer
from ..studies.solve.field_search import Proposal
from ..wording import axes_once, number, plain_input, shape_text
from .answer import Answer
from .grid import Grid, report_title

SEES, NOW = "sees enough", "now"
MOST_LISTED = 8


def field_answer(answer: FieldAnswer, channels_last: bool = False) -> Answer:
    """The layers that see enough, the layer asked for, and the changes: a row for each."""
    axes = answer.report.axes
    columns = ["what", "layers", "count", "value"]
    columns += [f"{name}_{axis}" for name in ("rf", "eff_stride", "coverage") for axis in axes]
    columns += [*(f"out_{axis}" for axis in axes), "global", "params", "macs"]
    rows = [[SEES, *_flat([layer.layer], None, "", layer, answer)] for layer in answer.first]
    if answer.layer is not None:
        layer = answer.layer
        rows.append([NOW, *_flat([layer.layer], None, "", layer, answer)])
    for proposal in answer.proposals:
        value = " ".join(_plain_axes(values) for values in proposal.values)
        layers = list(proposal.layers)
        rows.append(
            [proposal.kind, *_flat(layers, proposal.count, value, proposal.layer, proposal)]
        )
    return Answer(
        tuple(columns), rows, lambda: _plain(answer), lambda: _grids(answer, channels_last)
    )


def _flat(
    layers: list[str], count: int | None, value: str, layer: LayerReport, of: Any
) -> list[Any]:
    sizes = layer.out_shape[1:] or (None,) * len(layer.figures)
    totals = of.report.totals
    return [
        layers,
        count,
        value or None,
        *layer.rf,
        *(figure.eff_stride for figure in layer.figures),
        *(figure.coverage for figure in layer.figures),
        *sizes,
        layer.is_global,
        totals.params,
        totals.macs,
    ]


def _plain_axes(values: Sequence[int]) -> str:
    return "x".join(map(str, values)) if len(set(values)) > 1 else str(values[0])


def _plain(answer: FieldAnswer) -> dict[str, Any]:
    report = answer.report
    return {
        "network": report.network,
        "input": plain_input(report.input),
        "rf": list(answer.wanted),
        "first": [_layer(layer) for layer in answer.first],
        "layer": answer.layer and _layer(answer.layer),
        "proposals": [
            {
                "kind": proposal.kind,
                "layers": list(proposal.layers),
                "count": proposal.count,
                "values": [list(values) for values in proposal.values],
                "gives": _layer(proposal.layer),
                "totals": proposal.report.totals.as_dict(),
            }
            for proposal in answer.proposals
        ],
        "no_proposal": dict(answer.missing),
    }


def _layer(layer: LayerReport) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "out_shape": list(layer.out_shape),
        "rf": list(layer.rf),
        "eff_stride": [decimal(figure.eff_stride) for figure in layer.figures],
        "coverage": [decimal(figure.coverage) for figure in layer.figures],
        "global": layer.is_global,
    }


def _grids(answer: FieldAnswer, last: bool) -> list[Grid]:
    report = answer.report
    wanted = axes_once(answer.wanted)
    first = [[layer.layer, layer.type, *_field_cells(layer, last)] for layer in answer.first]
    notes = [] if first else [f"no layer sees {wanted} pixels"]
    if any(layer.is_global for layer in answer.first):
        notes.append("a layer that reads a whole map sees what all of its units see")
    grids = [
        Grid(
            f"{report_title(report, last)} · first layers that see {wanted}",
            ["layer", "type", *SEEN],
            first,
            ["layer", "type"],
            notes,
        )
    ]
    if answer.layer is not None and (answer.proposals or answer.missing):
        grids.append(_proposals(answer, answer.layer, wanted, last))
    return grids


SEEN = ("output", "rf", "eff. stride", "coverage")


def _field_cells(layer: LayerReport, last: bool) -> list[str]:
    return [
        shape_text(layer.out_shape, last),
        axes_once(layer.rf),
        axes_once([figure.eff_stride for figure in layer.figures]),
        axes_once([figure.coverage for figure in layer.figures]),
    ]


def _proposals(answer: FieldAnswer, layer: LayerReport, wanted: str, last: bool) -> Grid:
    rows = [["as it is", *_field_cells(layer, last), number(answer.report.totals.params)]]
    for proposal in answer.proposals:
        params = number(proposal.report.totals.params)
        rows.append([change_text(proposal), *_field_cells(proposal.layer, last), params])
    notes = [
        "each change is the least of its kind (dilations double up to a cap)",
        "padding grows with dilation",
    ]
    notes += [f"no {kind}: {reason}" for kind, reason in answer.missing]
    return Grid(
        f"what makes {layer.layer} see {wanted}",
        ["change", *SEEN, "params"],
        rows,
        ["change"],
        notes,
    )


def change_text(proposal: Proposal) -> str:
    """A change in words: `2 more like conv5 behind it`, `dilation 2 in conv3, conv4`."""
    if proposal.count is not None:
        return f"{number(proposal.count)} more like {proposal.layers[0]}, behind it"
    texts = [axes_once(values) for values in proposal.values]
    if proposal.kind == "stride":
        return f"stride {texts[0]} in {proposal.layers[0]}"
    dilations = texts[:1] if len(set(texts)) == 1 else texts
    return f"dilation {_word_list(dilations)} in {_word_list(proposal.layers)}"


def _word_list(words: Sequence[str]) -> str:
    """Words with commas, of many the first and the last."""
    if len(words) <= MOST_LISTED:
        return ", ".join(words)
    return f"{', '.join(words[:3])}, …, {words[-1]} ({number(len(words))} in all)"
