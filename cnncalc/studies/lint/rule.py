"""What a rule is, what it is given and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ...analysis.trace import Trace
from ...arithmetic import Number, Shape
from ...fields.field import AxisField
from ...layers.base import Windows
from ...network.network import Network
from ...record import Record
from ...report.layer import LayerReport
from ...wording import quote

WARNING, INFO = "warning", "info"
MOST_NAMED = 3


class Finding(Record):
    """One fault and the layers that it shows at, the first of them with its place.

    `found` is the evidence as a sentence, `evidence` the numbers in it: whole ones and fractions.
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
        return {
            "code": self.code,
            "rule": self.rule,
            "severity": self.severity,
            "path": self.path,
            "line": self.line,
            "layer": self.layer,
            "layers": list(self.layers),
            "found": self.found,
            "remedy": self.remedy,
            "source": self.source,
            "evidence": _plain(self.evidence),
        }


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

    `others` are layers that the evidence speaks of too, by their indices.
    """

    index: int
    cause: object
    found: str
    evidence: Mapping[str, Any]
    remedy: str | None = None
    others: Sequence[int] = ()


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
    examine: Callable[[Subject], Iterable[Case]]

    def findings(self, subject: Subject) -> list[Finding]:
        """What the rule finds, once per cause, in the layers' order."""
        causes: dict[object, list[Case]] = {}
        for case in self.examine(subject):
            causes.setdefault(case.cause, []).append(case)
        return [self._finding(subject, cases) for cases in causes.values()]

    def _finding(self, subject: Subject, cases: list[Case]) -> Finding:
        first, *more = cases
        node = subject.network.nodes[first.index - 1]
        alike = [case.index for case in more]
        found = first.found
        if alike:
            found = f"{found}; likewise {subject.named(alike)}"
        return Finding(
            self.code,
            self.name,
            self.severity,
            node.path,
            node.line,
            tuple(map(subject.name, (first.index, *first.others, *alike))),
            found,
            first.remedy or self.remedy,
            self.source,
            first.evidence,
        )


class Subject:
    """An analysed network, as rules look at it. Layers go by their indices, 0 is the input."""

    def __init__(self, network: Network, trace: Trace) -> None:
        self.network = network
        self.report = trace.report
        self.layers = trace.report.layers
        self.fields: Mapping[int, tuple[AxisField, ...]] = trace.fields
        self.windows: Mapping[int, tuple[Windows, ...]] = trace.windows
        self.axes = trace.report.axes

    @cached_property
    def readers(self) -> list[list[int]]:
        """Per layer, those that read its output."""
        readers: list[list[int]] = [[] for _ in range(len(self.layers) + 1)]
        for node in self.network.nodes:
            for source in dict.fromkeys(node.sources):
                readers[source].append(node.index)
        return readers

    @cached_property
    def referred(self) -> set[int]:
        """The layers whose indices or size another one takes (`pool`, `like`)."""
        return {node.referred for node in self.network.nodes if node.referred is not None}

    @property
    def origin_sizes(self) -> Shape:
        """Sizes of the map in whose units fields are counted."""
        origin = self.report.origin
        return self.report.input[1:] if origin is None else self.report[origin].out_shape[1:]

    def layer(self, index: int) -> LayerReport:
        """The figures of a layer."""
        return self.layers[index - 1]

    def name(self, index: int) -> str:
        """The name of a layer."""
        return self.network.name_of(index)

    def named(self, indices: Sequence[int]) -> str:
        """Layers by their names in quotes; of many, some and how many more."""
        shown = [quote(self.name(index)) for index in indices[:MOST_NAMED]]
        more = len(indices) - len(shown)
        return name_list([*shown, f"{more:,} more"] if more else shown)

    def on_axes(self, texts: Sequence[str | None]) -> str:
        """What holds per axis, told once for axes that it is alike on; None where nothing does."""
        groups: dict[str, list[str]] = {}
        for text, axis in zip(texts, self.axes):
            if text is not None:
                groups.setdefault(text, []).append(axis)
        return ", ".join(f"{text} on {' and '.join(axes)}" for text, axes in groups.items())


def name_list(parts: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = parts
    return f"{', '.join(head)} {word} {last}" if head else last


def once_or_each(values: Sequence[Number]) -> str:
    """Per-axis numbers, written once where they are equal: `3`, or `1×7`."""
    texts = ["?" if value is None else str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def window_text(layer: LayerReport) -> str:
    """The layer's window in words: `kernel 3 with dilation 2 at stride 1`."""
    if layer.kernel is None or layer.stride is None or layer.dilation is None:
        return layer.type
    kernel, stride = once_or_each(layer.kernel), once_or_each(layer.stride)
    apart = f" with dilation {once_or_each(layer.dilation)}" if max(layer.dilation) > 1 else ""
    return f"kernel {kernel}{apart} at stride {stride}"
