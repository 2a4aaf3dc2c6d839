"""The memory of blocks: their layers' rows folded into one."""

from __future__ import annotations

from ...arithmetic import Number, total
from ...report.folding import BlockReport, Row, fold
from ...report.layer import LayerReport
from . import LayerMemory, Memory


def folded_layers(memory: Memory, depth: int) -> tuple[LayerMemory, ...]:
    """The layers with blocks below `depth` levels of names as rows, as a report folds them.

    A block's `output` is that of its last layer, `live` the most while one of its layers runs,
    `saved` the sum over them, all copies together.
    """
    by_index = {layer.index: layer for layer in memory.layers}
    rows = []
    for row in fold(memory.report, depth):
        parts = [by_index[layer.index] for layer in row.layers]
        if len(parts) == 1:
            rows.append(parts[0])
            continue
        rows.append(
            LayerMemory(
                layer=row.layer,
                type=row.type,
                index=row.index,
                output=by_index[_last(row).index].output,
                storage_of=None,
                live=_most([part.live for part in parts]),
                saved=total(part.saved for part in parts),
                repeat=row.repeat,
            )
        )
    return tuple(rows)


def _last(row: Row) -> LayerReport:
    """The layer whose output is a block's."""
    return row.output if isinstance(row, BlockReport) else row


def _most(amounts: list[Number]) -> Number:
    return None if None in amounts else max(amounts)  # type: ignore[type-var]
