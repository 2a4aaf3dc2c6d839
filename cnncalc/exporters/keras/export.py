"""A network as the source of a functional Keras model, channels last."""

from __future__ import annotations

from ...network.network import Network
from ...report.layer import LayerReport
from ...report.report import CONVENTION, Report
from ...wording import shape_text
from ..python_code import identifier, literal, statement
from .layers import CLASSES, KEEPS_POSITIVE, POSITIVE, steps
from .step import Context, Step, channels_last

INPUTS, RUNNING = "inputs", "x"
RESERVED = (INPUTS, RUNNING, "keras", "layers", "build", *CLASSES)


def export(network: Network, report: Report) -> str:
    """Source of a function that builds the model; parameters, shapes and names are the report's.

    Dots in names are underscores: Keras on PyTorch takes none. Raises NetworkError for a layer
    that Keras has no exact equal of.
    """
    written = _Code(network, report)
    body = written.lines()
    code = ["import keras", "from keras import layers", "", ""]
    for name, source in CLASSES.items():
        if any(f"{name}(" in line for line in body):
            code += [*source.rstrip("\n").split("\n"), "", ""]
    return "\n".join([*_head(network, report), "", *code, *body]) + "\n"


def _head(network: Network, report: Report) -> list[str]:
    totals = report.totals
    figures = [f"Input {shape_text(channels_last(report.input))}, channels last."]
    if totals.params is not None and totals.macs is not None:
        figures.append(f"{totals.params:,} parameters, {totals.macs:,} MACs ({CONVENTION}).")
    name = "".join(sign if sign.isprintable() else "_" for sign in network.name)
    told = [f"{name} as a Keras model.", "", *figures, "Written by cnncalc."]
    quotes = '"""'
    plain = [line.replace("\\", "\\\\").replace(quotes, "'''") for line in told]
    return [quotes + plain[0], *plain[1:], quotes]


class _Code:
    """Writes the function, layer by layer."""

    def __init__(self, network: Network, report: Report) -> None:
        self.network = network
        self.report = report
        self.names = _Unique({"input"})
        self.own = [self.names.of(_plain_name(node.name)) for node in network.nodes]
        self.variables = _Unique(set(RESERVED))
        self.readers: dict[int, list[int]] = {}
        for node in network.nodes:
            for source in node.sources:
                self.readers.setdefault(source, []).append(node.index)
        self.owners = {node.shares for node in network.nodes if node.shares is not None}
        self.objects: dict[int, str] = {}
        self.values = {0: INPUTS}
        self.positive: set[int] = set()

    def lines(self) -> list[str]:
        """The function that builds the model."""
        shape = literal(channels_last(self.report.input))
        made = [
            "def build() -> keras.Model:",
            f'    """{_plain_name(self.network.name)}, without trained weights."""',
            f'    {INPUTS} = keras.Input({shape}, name="input")',
        ]
        for layer in self.report:
            made += self._layer(layer)
        outputs = [self.values[n.index] for n in self.network.nodes if n.index not in self.readers]
        given = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
        name = literal(_plain_name(self.network.name))
        made += statement(f"return keras.Model({INPUTS}, {given}, name={name})", 4)
        return made

    def _layer(self, layer: LayerReport) -> list[str]:
        node = layer.node
        positive = all(source in self.positive for source in node.sources)
        if layer.type in POSITIVE or (positive and layer.type in KEEPS_POSITIVE):
            self.positive.add(node.index)
        reads = [self.values[source] for source in node.sources]
        target = self._variable(layer)
        made: list[str] = []
        taken = steps(Context(layer, self.network.axes, positive))
        for step in taken:
            text = step.reads.format(*reads, all=", ".join(reads))
            callee = self._callee(layer, step, made)
            # What is in x is read by this layer alone.
            variable = target if step is taken[-1] else RUNNING
            made += statement(f"{variable} = {callee}({text})", 4)
            reads = [variable]
        self.values[node.index] = target
        return made

    def _callee(self, layer: LayerReport, step: Step, made: list[str]) -> str:
        """The Keras layer to call: a new one, or the one whose parameters are shared."""
        node = layer.node
        own = self.own[node.index - 1]
        weighted = not step.suffix
        if node.shares is not None and weighted:
            return self.objects[node.shares]
        code = step.code(self.names.of(own + step.suffix) if step.suffix else own)
        if node.index not in self.owners or not weighted:
            return code
        variable = self.variables.of(identifier(f"{own}_layer", "layer"))
        self.objects[node.index] = variable
        made += statement(f"{variable} = {code}", 4)
        return variable

    def _variable(self, layer: LayerReport) -> str:
        """`x` for what only the next layer reads, else a name of its own."""
        index = layer.index
        last = len(self.network.nodes)
        if self.readers.get(index, []) == [index + 1] or index == last:
            return RUNNING
        return self.variables.of(identifier(self.own[index - 1], layer.type))


class _Unique:
    """Gives every wanted name once, with a number behind it where it is taken."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def of(self, wanted: str) -> str:
        """The wanted name, or one like it."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name


def _plain_name(name: str) -> str:
    """A name as Keras takes it on every backend."""
    clean = "".join(s if s.isascii() and (s.isalnum() or s in "_-") else "_" for s in name)
    return clean if clean[:1].isalnum() else f"layer{clean}"
