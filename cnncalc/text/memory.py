"""The bytes that a network takes to run and to train, in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..arithmetic import Number
from ..errors import UsageError
from ..layers import family
from ..record import Record
from ..report.columns import in_order
from ..report.folding import BLOCK
from ..studies.memory import LayerMemory, Memory
from ..studies.memory.arena import Placed
from ..studies.memory.folding import folded_layers
from ..studies.memory.storages import PYTORCH
from ..wording import did_you_mean, input_text, number, quote, size_text
from .answer import Answer
from .grid import Grid
from .report_sheet import ZERO, bar
from .sheet import Sheet, SheetColumn, sheet_of
from .terminal import Terminal

COLUMNS = ("index", "layer", "type", "output", "storage_of", "live", "saved")
PLAN_COLUMNS = Placed._fields
HEADINGS = {"index": "#", "storage_of": "storage of"}
WORDS = ("layer", "type", "storage_of")
BYTES = ("output", "live", "saved")
# When a column is left out, the highest first; names lose their blocks' at NAMES_RANK.
RANKS = {
    "index": 70,
    "layer": 0,
    "type": 60,
    "output": 20,
    "repeat": 0,
    "storage_of": 80,
    "live": 0,
    "saved": 10,
}
BAR_RANK, NAMES_RANK = 5, 30
MOST_ALIVE = 5
LEFT_OUT = "weights, work spaces and what an allocator holds besides are not in it"


class Rows(Record):
    """Which rows are shown and how: a glob pattern that names fit, columns, a depth to fold to.

    `plan` asks for the storages in the arena in place of layers. `sort` is a column by which rows
    are ordered, `top` how many are shown at the most.
    """

    plan: bool = False
    layers: str | None = None
    columns: Sequence[str] | None = None
    depth: int | None = None
    sort: str | None = None
    top: int | None = None


EVERY = Rows()


def memory_answer(memory: Memory, asked: Rows = EVERY, channels_last: bool = False) -> Answer:
    """A row for each layer in the order that runs, or for each storage in the arena."""
    known = PLAN_COLUMNS if asked.plan else COLUMNS
    if asked.depth is not None:
        known = (*known[:3], "repeat", *known[3:])
    names = asked.columns or known
    for name in (*names, *filter(None, [asked.sort])):
        if name not in known:
            raise UsageError(f"no column is named {quote(name)}; {did_you_mean(name, known)}")
    rows = _chosen_rows(memory, asked)
    title = _title(memory, channels_last)

    def sheets(terminal: Terminal) -> list[Sheet]:
        write = number if terminal.exact else size_text
        notes = [*_notes(memory, write)]
        if asked.plan:
            return [sheet_of(_plan_grid(title, names, rows, write, notes))]
        return [_sheet(title, memory, names, rows, write, notes, asked)]

    def grid() -> Grid:
        notes = [*_notes(memory, number)]
        make = _plan_grid if asked.plan else _layer_grid
        return make(title, names, rows, number, notes)

    def plain() -> dict[str, Any]:
        chosen = {"plan": rows} if asked.plan else {"layers": rows}
        return memory.but(**chosen).to_dict()

    values = ([getattr(row, name) for name in names] for row in rows)
    return Answer(names, values, plain, lambda: [grid()], sheets=sheets)


def _chosen_rows(memory: Memory, asked: Rows) -> Sequence[Any]:
    """The rows that are asked for; raises UsageError where no name fits."""
    rows: Sequence[Any] = memory.plan if asked.plan else memory.layers
    if asked.depth is not None:
        rows = folded_layers(memory, asked.depth)
    if asked.layers is not None:
        from fnmatch import fnmatchcase

        name = "tensor" if asked.plan else "layer"
        rows = [row for row in rows if fnmatchcase(getattr(row, name), asked.layers)]
        if not rows:
            raise UsageError(f"no {name} of {memory.network} fits {quote(asked.layers)}")
    if asked.sort is not None:
        sort = asked.sort
        rows = in_order(rows, lambda row: getattr(row, sort))
    return rows[: asked.top]


def _title(memory: Memory, channels_last: bool) -> str:
    parts = [memory.network, f"input {input_text(memory.input_shape, channels_last)}"]
    if memory.batch > 1:
        parts.append(f"batch {memory.batch:,}")
    parts += [memory.dtype, f"weights {size_text(memory.weights)}"]
    return " · ".join([*parts, f"peak {size_text(memory.peak)}"])


Write = Callable[[Number], str]


def _layer_grid(
    title: str,
    names: Sequence[str],
    rows: Sequence[LayerMemory],
    write: Write,
    notes: Sequence[str],
) -> Grid:
    if names is COLUMNS and not any(row.storage_of for row in rows):
        names = [name for name in names if name != "storage_of"]
    cells = [[_cell(row, name, write) for name in names] for row in rows]
    headings = [HEADINGS.get(name, name) for name in names]
    return Grid(title, headings, cells, [HEADINGS.get(name, name) for name in WORDS], notes)


def _plan_grid(
    title: str, names: Sequence[str], rows: Sequence[Placed], write: Write, notes: Sequence[str]
) -> Grid:
    cells = [[number(getattr(row, name)) for name in names] for row in rows]
    return Grid(title, names, cells, ("tensor",), notes)


def _cell(row: LayerMemory, name: str, write: Write) -> str:
    value = getattr(row, name)
    if name in BYTES:
        return ZERO if value == 0 else write(value)
    return "" if value is None else str(value)


def _sheet(
    title: str,
    memory: Memory,
    names: Sequence[str],
    rows: Sequence[LayerMemory],
    write: Write,
    notes: Sequence[str],
    asked: Rows,
) -> Sheet:
    """The layers with a bar of what is live, the peak filling it."""
    totals = {"layer": "peak, total", "live": write(memory.peak), "saved": write(memory.saved)}
    columns = []
    if asked.columns is None and not any(row.storage_of for row in rows):
        names = [name for name in names if name != "storage_of"]
    for name in names:
        cells = [_cell(row, name, write) for row in rows]
        styles = ["zero" if cell == ZERO else "" for cell in cells] if name in BYTES else []
        if name in ("layer", "type"):
            styles = [row.type if row.type == BLOCK else family(row.type) for row in rows]
        heading, footer = HEADINGS.get(name, name), totals.get(name, "")
        label = heading if any(cells) else None
        rank = 0 if asked.columns else RANKS[name]
        column = SheetColumn(heading, cells, name in WORDS, footer, styles, rank, label)
        columns.append(column)
        if name == "live" and not asked.columns:
            bars = [bar(row.live or 0, memory.peak or 1) for row in rows]
            peak = ["beyond" if row.live == memory.peak else "cost" for row in rows]
            columns.append(SheetColumn("", bars, True, "", peak, BAR_RANK))
    place = [column.heading for column in columns].index("layer") if "layer" in names else None
    short = NAMES_RANK if asked.sort is None and not asked.columns else 0
    return Sheet(title, columns, {}, notes, place, short)


def _notes(memory: Memory, write: Write) -> Iterator[str]:
    """What is said below: where the peak is and what is alive then, arena, order and training."""
    where = "" if memory.peak_layer is None else f" at {quote(memory.peak_layer)}"
    held = f"{write(memory.peak_input_held)} if the input is kept throughout"
    yield f"peak {write(memory.peak)}{where}; {held}; {LEFT_OUT}"
    if memory.plan and memory.peak_layer is not None:
        yield f"live at the peak: {_alive(memory, write)}"
    if memory.runtime == PYTORCH:
        yield "with the indices that max pooling computes in PyTorch"
    yield (
        f"weights {write(memory.weights)}, buffers {write(memory.buffers)}, "
        f"arena {write(memory.arena)}"
    )
    if memory.order is not None:
        yield _order_note(memory, write)
    unknown = list(dict.fromkeys(row.type for row in memory.layers if row.saved is None))
    because = f" (what is kept of {', '.join(unknown[:3])} is not known)" if unknown else ""
    yield f"saved for the gradient by PyTorch's autograd: {write(memory.saved)}{because}"
    if memory.train is not None:
        yield (
            f"to train with {memory.train}: {write(memory.training)} = weights + buffers + "
            f"gradients {write(memory.gradients)} + optimizer {write(memory.optimizer)} + saved"
        )


def _alive(memory: Memory, write: Write) -> str:
    step = 1 + [row.layer for row in memory.layers].index(str(memory.peak_layer))
    alive = [each for each in memory.plan if each.first <= step <= each.last]
    alive.sort(key=lambda each: -each.size)
    texts = [f"{each.tensor} {write(each.size)}" for each in alive[:MOST_ALIVE]]
    more = len(alive) - len(texts)
    return ", ".join([*texts, f"{more:,} more"] if more else texts)


def _order_note(memory: Memory, write: Write) -> str:
    assert memory.order is not None
    given, peak = memory.given_peak, memory.peak
    if given is None or peak is None:
        return "the order is the network's own: sizes are not known"
    if given == peak:
        text = "the order is the network's own"
    else:
        text = f"the network's own order takes {write(given)}, {write(given - peak)} more"
    if memory.order.proven:
        return f"{text}; no order takes less than {write(peak)}"
    return f"{text}; the search ended before it was proven: no order takes less than " + write(
        memory.order.bound
    )
