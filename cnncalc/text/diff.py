"""What differs between two networks, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..report.columns import JSON_KEYS
from ..studies.check import Verdicts
from ..studies.diff import ADDED, CHANGED, REMOVED, RENAMED, Change, Difference
from ..wording import axes_once, number
from .answer import Answer
from .grid import Grid, heading
from .markdown import markdown

COLUMNS = ("change", "old", "new", "type", "key", "old_value", "new_value")
FIRST = ("params", "macs", "flops", "activations", "buffers", "memory", "layers", "rf")
SIGNS = {ADDED: "+", REMOVED: "−", RENAMED: "→", CHANGED: "≠"}
ATTRIBUTES = ("kernel", "stride", "padding", "dilation", "groups", "type", "from")
FIGURES = {*JSON_KEYS} - {*ATTRIBUTES}
# Of what is told of a change, what people are told.
SHOWN = ("out_shape", "rf", "eff_stride", "params", "macs")


def difference_answer(difference: Difference, verdicts: Verdicts | None = None) -> Answer:
    """A row a changed key; for people totals and a row a layer, then the new one's budgets."""

    def grids() -> list[Grid]:
        found = [_totals(difference), _layers(difference)]
        return found if verdicts is None else [*found, _budgets(verdicts)]

    return Answer(
        COLUMNS,
        [row for change in difference.layers for row in _rows(change)],
        difference.to_dict,
        grids,
        {"markdown": lambda: _comment(difference, verdicts)},
    )


def _rows(change: Change) -> list[list[Any]]:
    head = [change.change, change.old, change.new, change.type]
    if change.change in (ADDED, REMOVED) or not change.changes:
        return [[*head, None, None, None]]
    return [[*head, key, *map(_flat, values)] for key, values in change.changes.items()]


def _flat(value: Any) -> Any:
    return "x".join(map(str, value)) if isinstance(value, list) else value


def _totals(difference: Difference) -> Grid:
    rows = []
    for name in FIRST:
        old, new = difference.totals[name]
        if old == new and name in ("buffers", "memory", "activations", "flops"):
            continue
        cells = [axes_once(old), axes_once(new)] if name == "rf" else [number(old), number(new)]
        change = "" if name == "rf" else _change_text(old, new)
        rows.append([heading(name), *cells, change])
    title = f"{difference.old} → {difference.new} · {counts(difference)}"
    return Grid(title, ["", "old", "new", "change"], rows, [""])


def _change_text(old: int | None, new: int | None) -> str:
    if old is None or new is None:
        return "?"
    if old == new:
        return "="
    sign = "+" if new > old else "−"
    tenths = abs(new - old) * 1000 // old if old else 0
    share = f" ({sign}{tenths // 10:,}.{tenths % 10} %)" if old else ""
    return f"{sign}{number(abs(new - old))}{share}"


def counts(difference: Difference) -> str:
    """How many layers are changed in which way."""
    kinds = [change.change for change in difference.layers]
    told = [f"{kinds.count(kind):,} {kind}" for kind in dict.fromkeys(kinds)]
    return ", ".join(told) or "no layer differs"


def _layers(difference: Difference) -> Grid:
    rows = [_cells(change) for change in difference.layers]
    return Grid("layers", ["", "layer", "type", "what"], rows, ["", "layer", "type", "what"])


def _cells(change: Change) -> list[str]:
    name = change.new or change.old or ""
    if change.old and change.new and change.old != change.new:
        name = f"{change.old} → {change.new}"
    return [SIGNS[change.change], name, change.type, _what(change)]


def _what(change: Change) -> str:
    if change.change in (ADDED, REMOVED):
        place = 1 if change.change == ADDED else 0
        values = {key: both[place] for key, both in change.changes.items()}
        texts = [f"{heading(key)} {_text(values[key])}" for key in ("out_shape", "params", "macs")]
        return " · ".join(texts)
    figures = [key for key in SHOWN if key in change.changes]
    attributes = [key for key in change.changes if key not in FIGURES]
    texts = [
        f"{heading(key)} {_text(change.changes[key][0])} → {_text(change.changes[key][1])}"
        for key in dict.fromkeys([*attributes, *figures])
    ]
    return " · ".join(texts)


def _text(value: Any) -> str:
    if isinstance(value, list):
        once = value[:1] if value and len(set(map(str, value))) == 1 else value
        return (
            "×".join(map(_text, once))
            if once and not isinstance(once[0], str)
            else ", ".join(value)
        )
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if value is None or isinstance(value, int) else str(value)


def _budgets(verdicts: Verdicts) -> Grid:
    rows = [
        [
            "✓" if verdict.ok else "✗",
            verdict.budget,
            number(verdict.figure),
            number(verdict.bound),
            verdict.result,
        ]
        for verdict in verdicts
    ]
    return Grid(
        "budgets", ["", "budget", "figure", "bound", "result"], rows, ["", "budget", "result"]
    )


def _comment(difference: Difference, verdicts: Verdicts | None) -> str:
    """For a pull request: totals and budgets open, layers to be opened."""
    parts = [markdown(_totals(difference))]
    if verdicts is not None:
        parts.append(markdown(_budgets(verdicts)))
    if difference.layers:
        told = f"<details><summary>{counts(difference)}</summary>\n\n"
        parts.append(f"{told}{markdown(_layers(difference))}\n</details>\n")
    return "\n".join(parts)


def json_list(differences: Sequence[Difference]) -> str:
    """The differences of several files, as a list of such objects."""
    import json

    from ..report.report import SCHEMA

    objects = [{"schema": SCHEMA, **one.to_dict()} for one in differences]
    return json.dumps(objects, indent=2, ensure_ascii=False) + "\n"
