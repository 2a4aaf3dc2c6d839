"""What a rule is, what it is given and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ... import zoo
from ...analysis.trace import Trace
from ...arithmetic import Number
from ...record import Record
from ...report.layer import LayerReport
from ...wording import quote, shape_text
from .comments import Ignored

WARNING, INFO = "warning", "info"
MOST_NAMED = 3
KEYS = (
    *("code", "rule", "severity", "path", "line", "layer", "layers"),
    *("found", "remedy", "source", "evidence"),
)


class Finding(Record):
    """One fault and the layers that it shows at, the first of them with its place.

    `found` is the evidence as a sentence, `evidence` the numbers in it: whole ones and fractions.
    `path` is how the place is called, `file` where it is: they differ for built-in networks.
    """

    code: str
    rule: str
    severity: str
    path: str
    line: int | None
    layers: tuple[str, ...]
    found: str
    remedy: str
    source: str
    evidence: Mapping[str, Any]
    file: str = ""

    @property
    def layer(self) -> str:
        """The first layer that it shows at."""
        return self.layers[0]

    @property
    def place(self) -> str:
        """The file and the line of the first layer, as far as known."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    def __str__(self) -> str:
        what = f"{self.code} {self.rule} ({self.severity})"
        return f"{self.place}: layer {quote(self.layer)}: {what}: {self.found}"

    def to_dict(self) -> dict[str, Any]:
        """The finding in JSON's form; fractions are the nearest doubles."""
        return {name: _plain(getattr(self, name)) for name in KEYS}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (bool, str)) or value is None:
        return value
    return int(value) if value.denominator == 1 else float(value)


class Case(Record):
    """What a rule found at one layer. Cases of an equal cause make one finding.

    `others` are layers that the evidence speaks of too, by their indices; `remedy`, empty where
    there is none, and `severity` are the rule's where the case has none of its own.
    """

    index: int
    cause: object
    found: str
    evidence: Mapping[str, Any]
    remedy: str | None = None
    others: Sequence[int] = ()
    severity: str | None = None


Examine = Callable[[Trace], Iterable[Case]]


class Rule(Record):
    """A design fault: its stable code and name, and the function that looks for it.

    `finds` and `remedy` say in general what a finding says of one layer.
    """

    code: str
    name: str
    severity: str
    finds: str
    remedy: str
    source: str
    examine: Examine

    def findings(self, trace: Trace, ignored: Ignored) -> list[Finding]:
        """What the rule finds, once per cause, in the layers' order."""
        causes: dict[object, list[Case]] = {}
        for case in self.examine(trace):
            node = trace.node(case.index)
            if ignored.lets_pass(self.code, node.path, node.line):
                continue
            causes.setdefault(case.cause, []).append(case)
        return [self._finding(trace, cases) for cases in causes.values()]

    def _finding(self, trace: Trace, cases: list[Case]) -> Finding:
        first, *others = cases
        node = trace.node(first.index)
        alike = [case.index for case in others]
        likewise = f"; likewise {layer_names(trace, alike)}" if alike else ""
        return Finding(
            self.code,
            self.name,
            first.severity or self.severity,
            zoo.short(node.path),
            node.line,
            tuple(map(trace.name, (first.index, *first.others, *alike))),
            first.found + likewise,
            self.remedy if first.remedy is None else first.remedy,
            self.source,
            first.evidence,
            node.path,
        )


def rule(
    code: str, name: str, severity: str, finds: str, remedy: str, source: str
) -> Callable[[Examine], Rule]:
    """Makes a rule of the function that looks for it."""
    return lambda examine: Rule(code, name, severity, finds, remedy, source, examine)


def layer_names(trace: Trace, indices: Sequence[int]) -> str:
    """Layers by their names in quotes; of many, some and how many more."""
    names = [quote(trace.name(index)) for index in indices[:MOST_NAMED]]
    more = len(indices) - len(names)
    return enumeration([*names, f"{more:,} more"] if more else names)


def units_text(trace: Trace) -> str:
    """What fields are counted in: `pixels`, or `units of 'conv2'`."""
    origin = trace.report.origin
    return "pixels" if origin is None else f"units of {origin!r}"


def on_axes(trace: Trace, texts: Sequence[str | None]) -> str:
    """What holds per axis, told once for axes that it is alike on; None where nothing does."""
    groups: dict[str, list[str]] = {}
    for text, axis in zip(texts, trace.axes):
        if text is not None:
            groups.setdefault(text, []).append(axis)
    return ", ".join(f"{text} on {' and '.join(axes)}" for text, axes in groups.items())


def enumeration(parts: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = parts
    return f"{', '.join(head)} {word} {last}" if head else last


def once_or_each(values: Sequence[Number]) -> str:
    """Per-axis numbers, written once where they are equal: `3`, or `1×7`."""
    return shape_text(tuple(values if len(set(values)) > 1 else values[:1]))


def window_text(layer: LayerReport) -> str:
    """The layer's window in words: `kernel 3 with dilation 2 at stride 1`."""
    if layer.kernel is None or layer.stride is None or layer.dilation is None:
        return layer.type
    kernel, stride = once_or_each(layer.kernel), once_or_each(layer.stride)
    apart = f" with dilation {once_or_each(layer.dilation)}" if max(layer.dilation) > 1 else ""
    return f"kernel {kernel}{apart} at stride {stride}"
