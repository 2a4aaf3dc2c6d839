"""The least change of a network, of each kind, with which a layer sees enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product, takewhile
from typing import Any

from ...analysis.analysis import analyze
from ...analysis.trace import Trace
from ...errors import CnncalcError
from ...layers.attributes import Wrong
from ...layers.base import Layer
from ...network.network import Network, Node
from ...network.paths import bottlenecks, dependencies
from ...record import Record
from ...report.layer import LayerReport
from ...report.report import Report
from .changed_network import kind_with, with_copies, with_kinds

MOST_COPIES = 1000
MOST_DILATION = 4096
MOST_STRIDE = 8
LEAST_TRIED = 20
MOST_ANALYSED = 100_000  # layers, over all changes that are tried

PerLayer = tuple[tuple[int, ...], ...]


class NoWay(Exception):
    """Why no change of a kind is proposed."""


class Proposal(Record):
    """A change with which a layer sees enough: the least of its kind, as its analysis showed.

    `kind` is `depth` (`count` further layers behind the one of `layers`), `dilation` (one for all
    of `layers`), `doubling dilation` or `stride`; `values` are the new dilation or stride of each
    of the `layers`, per axis. `layer` is the changed layer's report, `report` all of it.
    """

    kind: str
    layers: tuple[str, ...]
    count: int | None
    values: PerLayer
    layer: LayerReport
    report: Report
    network: Network


class _Trial(Record):
    """A change, and how it turned out: the analysis of the changed network, the target in it."""

    layer: LayerReport
    report: Report
    network: Network

    def proposal(
        self, kind: str, nodes: list[Node], count: int | None, values: PerLayer = ()
    ) -> Proposal:
        """The change as one that is enough."""
        names = tuple(node.name for node in nodes)
        return Proposal(kind, names, count, values, self.layer, self.report, self.network)


class Widening:
    """The search for one layer, the target, in a network whose analysis is known."""

    def __init__(self, trace: Trace, target: LayerReport, wanted: Sequence[int]) -> None:
        self.trace = trace
        self.network = trace.network
        self.target = target
        self.wanted = wanted
        self.lacking = [
            axis
            for axis, (rf, least) in enumerate(zip(target.rf, wanted))
            if rf is not None and rf < least
        ]
        self.passed = [trace.node(index) for index in bottlenecks(self.network, target.index)]
        self.kinds: dict[str, Callable[[], Proposal]] = {
            "depth": self.depth,
            "dilation": self.dilation,
            "doubling dilation": self.doubling_dilation,
            "stride": self.stride,
        }

    def depth(self) -> Proposal:
        """Further layers behind the last convolution of stride 1 that all paths go through."""
        for node in reversed(self.passed):
            if self._widens(node) and self._spanned_axes(node) == self.lacking:
                break
        else:
            raise NoWay("no convolution of stride 1 lies on every path to it")
        count, trial = self._least(
            lambda count: with_copies(self.network, node.index, node.kind, count), MOST_COPIES
        )
        return trial.proposal("depth", [node], count)

    def dilation(self) -> Proposal:
        """One dilation for all convolutions of the last stage."""
        stage = self._stage()
        return self._dilation("dilation", stage, MOST_DILATION, lambda least: [least] * len(stage))

    def doubling_dilation(self) -> Proposal:
        """Dilations 1, 2, 4, … through the last stage, doubled as often as is needed."""
        stage = self._stage()
        if len(stage) < 2 or not all(node in self.passed for node in stage):
            raise NoWay("its last convolutions of one effective stride are no chain of two or more")
        return self._dilation(
            "doubling dilation",
            stage,
            len(stage) - 1,
            lambda doublings: [2 ** min(place, doublings) for place in range(len(stage))],
        )

    def stride(self) -> Proposal:
        """The least multiple of one layer's stride, of the last layer where it is enough."""
        before = [
            node
            for node in reversed(self.passed)
            if "stride" in node.kind.attributes and self._slides(node)
            if node.index != self.target.index
        ]
        if not before:
            raise NoWay("no layer with a stride lies on every path to it")
        changes = list(product(range(2, MOST_STRIDE + 1), before))
        most = max(LEAST_TRIED, MOST_ANALYSED // len(self.network.nodes))
        for factor, node in changes[:most]:
            stride = tuple(factor * value for value in self._report(node).stride or ())
            trial = self._trial(self._with_stride, node, stride)
            # What is refused here may be right elsewhere: a merge of other layers may break.
            if isinstance(trial, _Trial) and self._is_enough(trial):
                return trial.proposal("stride", [node], None, (stride,))
        none = "no such change" if most >= len(changes) else f"none of the {most} changes tried"
        raise NoWay(f"{none} is enough, or it is refused")

    def _with_stride(self, node: Node, stride: tuple[int, ...]) -> Network:
        kind = kind_with(node.kind, {"stride": list(stride)})
        return with_kinds(self.network, {node.index: kind})

    def _dilation(
        self, kind: str, stage: list[Node], most: int, schedule: Callable[[int], list[int]]
    ) -> Proposal:
        def network(amount: int) -> Network:
            pairs = zip(stage, schedule(amount))
            return with_kinds(self.network, {n.index: dilated_kind(n.kind, d) for n, d in pairs})

        _, trial = self._least(network, most)
        if trial.layer.out_shape != self.target.out_shape:
            raise NoWay("what would be enough changes its size")
        values = tuple(trial.report.layers[node.index - 1].dilation or () for node in stage)
        return trial.proposal(kind, stage, None, values)

    def _stage(self) -> list[Node]:
        """The last convolutions of stride 1 that follow each other at one effective stride."""
        nodes = [
            self.trace.node(index)
            for index in dependencies(self.network, self.target.index)
            if self.trace.fields[index][0] is not None
        ]
        dilatable = [
            node
            for node in nodes
            if "dilation" in node.kind.attributes
            and self._widens(node)
            and self._spanned_axes(node)
        ]
        if not dilatable:
            raise NoWay("no convolution of stride 1 that can be dilated leads to it")
        last = self._report(dilatable[-1]).eff_stride
        stage = takewhile(lambda node: self._report(node).eff_stride == last, reversed(dilatable))
        return list(stage)[::-1]

    def _report(self, node: Node) -> LayerReport:
        return self.trace.layer(node.index)

    def _slides(self, node: Node) -> bool:
        """Whether the layer slides one window over one map."""
        windows = self.trace.windows[node.index]
        return (
            len(windows) == 1
            and len(self._report(node).stride or ()) == len(windows[0])
            and all(w is not None and w.period == 1 and w.shift > 0 for w in windows[0])
        )

    def _widens(self, node: Node) -> bool:
        """Whether the layer slides by one unit, and has parameters or may have."""
        windows = self.trace.windows[node.index][0]
        return (
            self._slides(node)
            and self._report(node).params != 0
            and all(window is not None and window.shift == 1 for window in windows)
        )

    def _spanned_axes(self, node: Node) -> list[int]:
        """Those axes on which the target sees too little and the layer's window spans units."""
        kernel = self._report(node).kernel or ()
        return [axis for axis in self.lacking if kernel[axis] > 1]

    def _trial(self, change: Callable[..., Network], *arguments: Any) -> _Trial | str:
        """What comes of a change, or why it is refused."""
        try:
            network = change(*arguments)
            report = analyze(network, with_global=self.trace.with_global)
        except (CnncalcError, Wrong) as refusal:
            return str(refusal)
        layer = report[self.target.layer]
        if None in layer.rf or layer.is_global:
            return "its field is not known then"
        return _Trial(layer, report, network)

    def _is_enough(self, trial: _Trial) -> bool:
        return sees(trial.layer, self.wanted)

    def _least(self, change: Callable[[int], Network], most: int) -> tuple[int, _Trial]:
        """The least amount of a change with which the target sees enough, and what comes of it."""

        def ends(amount: int) -> bool:
            result = self._trial(change, amount)
            return isinstance(result, str) or self._is_enough(result)

        amount = least_amount(ends, most)
        if amount is None:
            raise NoWay(f"nothing up to {most:,} is enough")
        trial = self._trial(change, amount)
        if isinstance(trial, str):
            raise NoWay(f"what would be enough is refused: {trial}")
        return amount, trial


def sees(layer: LayerReport, wanted: Sequence[int]) -> bool:
    """Whether the layer's receptive field is at least so large, on every axis."""
    return all(rf is not None and rf >= least for rf, least in zip(layer.rf, wanted))


def least_amount(ends: Callable[[int], bool], most: int) -> int | None:
    """The least number from 1 on at which a search ends, where all larger ones end it too.

    >>> least_amount(lambda amount: amount * amount > 50, 100)
    8
    """
    low, high = 0, 1
    while high < most and not ends(high):
        low, high = high, 2 * high
    high = min(high, most)
    if not ends(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if ends(middle) else (middle, high)
    return high


def dilated_kind(kind: Layer, least: int) -> Layer:
    """The convolution with dilations of at least so much, padded more so that its map stays.

    Odd padding goes after; `same` padding follows by itself.
    """
    old: Any = kind
    dilations = [max(dilation, least) for dilation in old.dilation]
    padding = old.padding
    if padding not in ("same", "same_lower"):
        pairs = ((0, 0),) * kind.axes if padding == "valid" else padding
        padding = [
            [before + more // 2, after + more - more // 2]
            for (before, after), less, new, kernel in zip(
                pairs, old.dilation, dilations, old.kernel_size
            )
            for more in [(new - less) * (kernel - 1)]
        ]
    return kind_with(kind, {"dilation": dilations, "padding": padding})
