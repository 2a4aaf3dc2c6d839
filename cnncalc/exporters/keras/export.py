"""A network as the source of a functional Keras model, channels last."""

from __future__ import annotations

from ...definition.definition import INPUT
from ...network.network import Network
from ...report.layer import LayerReport
from ...report.report import Report
from ...wording import input_text
from ..python_code import QUOTES, docstring_text, identifier, literal, statement
from ..unique_names import UniqueNames
from .custom_layers import CLASSES
from .layer_code import KerasContext, KerasStep, channels_last
from .layers import KEEPS_POSITIVE, POSITIVE, keras_steps

INPUTS, RUNNING = "inputs", "x"
# Layers from which on Keras, which goes through a model by recursion, needs more of it.
LONG = 800
RESERVED = (INPUTS, RUNNING, "sys", "max", "keras", "layers", "build", *CLASSES)


def export(network: Network, report: Report) -> str:
    """Source of a function that builds the model; parameters, shapes and names are the report's.

    Dots in names are underscores: Keras on PyTorch takes none. Raises NetworkError for a layer
    that Keras has no exact equal of.
    """
    body = _Code(network, report).lines()
    is_long = len(network.nodes) > LONG
    code = [*(["import sys", ""] if is_long else []), "import keras", "from keras import layers"]
    code += ["", ""]
    for name, source in CLASSES.items():
        if any(f"{name}(" in line for line in body):
            code += [*source.rstrip("\n").split("\n"), "", ""]
    return "\n".join([*_head(network, report), "", *code, *body]) + "\n"


def _head(network: Network, report: Report) -> list[str]:
    totals = report.totals
    figures = [f"Input {input_text(report.input, True)}, channels last."]
    if totals.params is not None and totals.macs is not None:
        figures.append(f"{totals.params:,} parameters, {totals.macs:,} MACs ({report.convention}).")
    name = "".join(sign if sign.isprintable() else "_" for sign in network.name)
    title = docstring_text(f"{name} as a Keras model.")
    return [f"{QUOTES}{title}", "", *figures, "Written by cnncalc.", QUOTES]


class _Code:
    """Writes the function, layer by layer."""

    def __init__(self, network: Network, report: Report) -> None:
        self.network = network
        self.report = report
        self.names = UniqueNames()
        inputs = [self.names.of(_plain_name(name)) for name in network.inputs]
        self.own = [self.names.of(_plain_name(node.name)) for node in network.nodes]
        self.variables = UniqueNames(RESERVED)
        self.readers: dict[int, list[int]] = {}
        for node in network.nodes:
            for source in node.sources:
                self.readers.setdefault(source, []).append(node.index)
        self.owners = {node.shares for node in network.nodes if node.shares is not None}
        self.objects: dict[int, str] = {}
        self.inputs = {
            INPUTS if name == INPUT else self.variables.of(identifier(name, INPUT)): name
            for name in inputs
        }
        self.values = {-place: variable for place, variable in enumerate(self.inputs)}
        self.positive: set[int] = set()

    def lines(self) -> list[str]:
        """The function that builds the model."""
        lines = [
            "def build() -> keras.Model:",
            f'    """{_plain_name(self.network.name)}, without trained weights."""',
        ]
        for (variable, name), shape in zip(self.inputs.items(), self.report.inputs.values()):
            given = f"{literal(channels_last(shape))}, name={literal(name)}"
            lines += statement(f"{variable} = keras.Input({given})", 4)
        if len(self.network.nodes) > LONG:
            deep = 1000 + 4 * len(self.network.nodes)
            lines.append(f"    sys.setrecursionlimit(max(sys.getrecursionlimit(), {deep}))")
        for layer in self.report:
            lines += self._layer(layer)
        outputs = [self.values[n.index] for n in self.network.nodes if n.index not in self.readers]
        result = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
        name = literal(_plain_name(self.network.name))
        given = ", ".join(self.inputs)
        given = f"[{given}]" if len(self.inputs) > 1 else given
        return lines + statement(f"return keras.Model({given}, {result}, name={name})", 4)

    def _layer(self, layer: LayerReport) -> list[str]:
        node = layer.node
        positive = all(source in self.positive for source in node.sources)
        if layer.type in POSITIVE or (positive and layer.type in KEEPS_POSITIVE):
            self.positive.add(node.index)
        reads = [self.values[source] for source in node.sources]
        target = self._variable(layer)
        lines: list[str] = []
        steps = keras_steps(KerasContext(layer, positive))
        for step in steps:
            text = step.reads.format(*reads, all=", ".join(reads))
            callee = self._callee(layer, step, lines)
            # What is in x is read by this layer alone.
            variable = target if step is steps[-1] else RUNNING
            lines += statement(f"{variable} = {callee}({text})", 4)
            reads = [variable]
        self.values[node.index] = target
        return lines

    def _callee(self, layer: LayerReport, step: KerasStep, lines: list[str]) -> str:
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
        lines += statement(f"{variable} = {code}", 4)
        return variable

    def _variable(self, layer: LayerReport) -> str:
        """`x` for what only the next layer reads, else a name of its own."""
        index = layer.index
        if self.readers.get(index, []) == [index + 1] or index == len(self.network.nodes):
            return RUNNING
        return self.variables.of(identifier(self.own[index - 1], layer.type))


def _plain_name(name: str) -> str:
    """A name as Keras takes it on every backend."""
    clean = "".join(s if s.isascii() and (s.isalnum() or s in "_-") else "_" for s in name)
    return clean if clean[:1].isalnum() else f"layer{clean}"
