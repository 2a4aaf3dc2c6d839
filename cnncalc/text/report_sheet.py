"""A report's layers as terminals show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..arithmetic import Number
from ..layers import family
from ..report.folding import BLOCK, Row, fold
from ..report.report import Totals
from ..wording import axes_once, number, short_number
from .grid import heading
from .report_cells import beyond_input, cell_text, footer, origin_sizes, report_notes, totals_title
from .selection import Selection
from .sheet import Sheet, SheetColumn, aligned_numbers
from .terminal import Terminal

ZERO = "·"
BAR, BAR_WIDTH = "▏▎▍▌▋▊▉█", 8
HEADINGS = {"activations": "act.", "eff_stride": "stride", "eff_pad": "pad", "rf_min": "rf min"}
NAMES = "names"
# Per view its columns, each with when it is left out, the highest first; `names` is when names are
# left without their blocks'. A bar's column is called after its figure.
LAYOUTS = {
    "shape": "index:70 layer:0 type:60 window:10 out_shape:0 params:20 macs:15 rf:5 eff_stride:80 "
    "names:30",
    "rf": "index:70 layer:0 type:60 out:40 rf:0 rf_bar:50 rf_min:45 eff_stride:10 eff_pad:15 "
    "center:20 names:30",
    "params": "index:70 layer:0 type:60 weight_shape:40 params:0 params_share:10 params_bar:50 "
    "names:30",
    "flops": "index:70 layer:0 type:60 out_shape:40 macs:0 flops:80 macs_share:10 macs_bar:50 "
    "names:30",
    "summary": "index:70 layer:0 type:60 window:80 out_shape:25 params:20 macs:0 macs_bar:50 "
    "flops:95 activations:90 rf:5 rf_bar:85 eff_stride:75 names:30",
}
COUNTS = ("params", "macs", "flops", "activations", "buffers")


def report_sheet(selection: Selection, terminal: Terminal, channels_last: bool = False) -> Sheet:
    """The selected rows, with bars, rules where the stride changes, and types in colour."""
    ranks = _ranks(selection)
    names_rank = ranks.pop(NAMES, 0)
    write = number if terminal.exact else short_number
    names = [name for name in ranks if not name.endswith("_bar")]
    totals = dict(zip(names, footer(names, selection, write) or [""] * len(names)))
    columns = []
    for name, rank in ranks.items():
        if name.endswith("_bar"):
            columns.append(_bar_column(name.removesuffix("_bar"), rank, selection))
        else:
            column = _column(name, selection, totals[name], write, channels_last)
            short = column.heading if terminal.wide else HEADINGS.get(name, column.heading)
            columns.append(column.but(heading=short, rank=rank, label=column.heading))
    return Sheet(
        totals_title(selection, channels_last),
        columns,
        _rules(selection) if selection.in_order and selection.view.totals else {},
        _notes(names, selection, terminal),
        [*ranks].index("layer") if "layer" in ranks else None,
        names_rank if selection.in_order else 0,
    )


def _ranks(selection: Selection) -> dict[str, int]:
    """The columns with their ranks: those that were asked for stay, and those of a single layer."""
    layout = LAYOUTS.get(selection.view.name)
    if selection.columns or layout is None:
        return dict.fromkeys(selection.columns or selection.view.table, 0)
    parts = [word.partition(":") for word in layout.split()]
    ranks = {name: int(rank) for name, _, rank in parts}
    if all(layer.rf == layer.rf_min for layer in selection.layers):
        ranks.pop("rf_min", None)
    return ranks


def _column(
    name: str, selection: Selection, total: str, write: Callable[[Number], str], last: bool
) -> SheetColumn:
    """A column of the rows' cells."""
    rows = selection.layers
    if name in ("layer", "type"):
        texts = [_name(row) if name == "layer" else row.type for row in rows]
        return SheetColumn(name, texts, True, total, [_family(row) for row in rows])
    if name == "window":
        return SheetColumn(name, [window_text(row) for row in rows], True, total)
    if name in COUNTS:
        values = [getattr(row, name) for row in rows]
        texts = [ZERO if value == 0 else write(value) for value in values]
        *texts, total = aligned_numbers([*texts, total])
        styles = ["zero" if value == 0 else "" for value in values]
        return SheetColumn(heading(name), texts, False, total, styles)
    text = cell_text(name, selection, last)
    cells = aligned_numbers([text(row) for row in rows])
    beyond = name == "rf" and [beyond_input(row, selection) for row in rows]
    styles = ["beyond" if is_beyond else "" for is_beyond in beyond or ()]
    return SheetColumn(heading(name), cells, False, total, styles)


def _name(row: Row) -> str:
    return f"{row.layer} ×{row.repeat}" if row.repeat > 1 else row.layer


def _family(row: Row) -> str:
    return BLOCK if row.type == BLOCK else family(row.type)


def window_text(row: Row) -> str:
    """A layer's window in short: `7×7/2 p3`, of kernel, stride, padding, dilation and groups.

    Left out are a stride and a dilation of 1, no padding, and a single group.
    """
    if row.kernel is None:
        return ""
    text = "×".join(map(str, row.kernel))
    strides, dilations = axes_once(row.stride), axes_once(row.dilation)
    paddings = axes_once([_sides(pair) for pair in row.padding or ()] or None)
    text += f"/{strides}" if strides != "1" else ""
    text += f" p{paddings}" if paddings not in ("", "0") else ""
    text += f" d{dilations}" if dilations not in ("", "1") else ""
    return text + (f" g{row.groups}" if row.groups not in (None, 1) else "")


def _sides(pair: tuple[Number, Number]) -> str:
    before, after = map(number, pair)
    return before if before == after else f"{before}:{after}"


def _bar_column(figure: str, rank: int, selection: Selection) -> SheetColumn:
    """A bar a row: of a cost against the largest one, of the field against the input."""
    rows = selection.layers
    if figure == "rf":
        shares = [_field_share(row, selection) for row in rows]
        beyond = [beyond_input(row, selection) for row in rows]
        styles = ["beyond" if is_beyond else "field" for is_beyond in beyond]
    else:
        values = [getattr(row, figure) for row in rows]
        largest = max((value for value in values if value), default=1)
        shares = [(value or 0, largest) for value in values]
        styles = ["cost"] * len(rows)
    return SheetColumn("", [bar(*share) for share in shares], True, "", styles, rank)


def _field_share(row: Row, selection: Selection) -> tuple[int, int]:
    """The receptive field and the input's size, on the axis where it fills most of it."""
    pairs = [(r, s) for r, s in zip(row.rf, origin_sizes(selection)) if r is not None and s]
    return max(pairs, key=lambda pair: pair[0] * 10**6 // pair[1], default=(0, 1))


def bar(part: int, whole: int) -> str:
    """A bar of the part, in eighths of a character; the whole fills it, nothing is empty.

    >>> bar(1, 2), bar(1, 1000), bar(0, 5)
    ('████', '▏', '')
    """
    eighths = min(-(-part * BAR_WIDTH * len(BAR) // whole), BAR_WIDTH * len(BAR))
    full, rest = divmod(eighths, len(BAR))
    return BAR[-1] * full + (BAR[rest - 1] if rest else "")


def _rules(selection: Selection) -> dict[int, str]:
    """Labels before the rows where the effective stride changes, and where maps end."""
    rules = {}
    before = "stride 1"
    for place, row in enumerate(selection.layers):
        strides = axes_once([figure.eff_stride for figure in row.figures])
        label = "whole map" if row.is_global else f"stride {strides}"
        if "?" not in label and label != before:
            rules[place] = before = label
    return rules


def _notes(names: Sequence[str], selection: Selection, terminal: Terminal) -> list[str]:
    """What is said below: totals to the last digit where they were shortened, and of folding."""
    report = selection.report
    # Rules tell of strides and of whole maps where the column is left out.
    told = [name for name in names if terminal.wide or name != "eff_stride"]
    notes = report_notes(told, selection)
    totalled = [name for name in names if name in Totals._fields]
    if report.complete and totalled and not terminal.exact:
        texts = [f"{number(getattr(report.totals, name))} {heading(name)}" for name in totalled]
        notes.insert(0, f"totals: {', '.join(texts)}")
    rows = len(selection.layers)
    if not selection.folded and terminal.height is not None and rows > terminal.height:
        blocks = len(fold(report, 1))
        if blocks < rows:
            notes.append(f"--depth 1 shows blocks in {blocks:,} rows, --depth 2 in more")
    return notes
