"""A network as the source of one PyTorch module, as a person would write it."""

from __future__ import annotations

from ...network.network import Network
from ...report.report import CONVENTION, Report
from ...wording import shape_text
from ..python_code import WIDTH, literal, statement
from .build import lines
from .classes import Class, Classes
from .helpers import HELPERS
from .layers import part
from .names import blocks_by_prefix, camel
from .part import Context, Part
from .tree import CLASS, tree

QUOTES = '"""'


def export(network: Network, report: Report) -> str:
    """Source of an nn.Module whose layers, shapes and parameters are the report's.

    Raises NetworkError for a layer that PyTorch has no module for.
    """
    parts = _parts(network, report)
    root = tree(network, parts)
    prefixes = [group.prefix for group in root.groups() if group.style == CLASS]
    classes = Classes(root, blocks_by_prefix(network.definition, prefixes), _outputs(network))
    body = _helpers(parts)
    for made in classes.made:
        body += ["", "", *_class(made)]
    body += ["", "", *_network(network, classes)]
    code = "\n".join(body)
    return "\n".join([*_head(network, report), "", *_imports(code), *body]) + "\n"


def _parts(network: Network, report: Report) -> list[Part]:
    undone = {node.referred for node in network.nodes if node.type == "max_unpool"}
    strides = {0: (1,) * network.axes} | {layer.index: layer.eff_stride for layer in report}
    return [
        part(
            Context(layer, network.axes, strides[layer.node.sources[0]], layer.node.index in undone)
        )
        for layer in report
    ]


def _outputs(network: Network) -> list[int]:
    """The layers that no layer reads."""
    read = {source for node in network.nodes for source in node.sources}
    return [node.index for node in network.nodes if node.index not in read]


def _head(network: Network, report: Report) -> list[str]:
    """The file's docstring: what it is, and the figures that it has."""
    definition, totals = network.definition, report.totals
    told = definition.description or network.name
    figures = (
        f"{totals.params:,} parameters, {totals.macs:,} MACs "
        if totals.params is not None and totals.macs is not None
        else ""
    )
    title = f"{network.name}: {told}." if definition.description else f"{told}."
    made = [title, ""]
    if definition.source:
        made.append(f"Source: {definition.source}.")
    made.append(f"Input {shape_text(report.input)}: {figures}({CONVENTION}).")
    made.append("Written by cnncalc.")
    made[0] = QUOTES + _plain(made[0])
    rest = [line for text in made[1:] for line in _wrapped(_plain(text))]
    return [*_wrapped(made[0]), *rest, QUOTES]


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


def _imports(code: str) -> list[str]:
    made = []
    if "OrderedDict(" in code:
        made += ["from collections import OrderedDict", ""]
    if "torch." in code.replace("torchvision.", ""):
        made.append("import torch")
    if "F." in code:
        made.append("import torch.nn.functional as F")
    if "torchvision." in code:
        made.append("import torchvision")
    return [*made, "from torch import nn"]


def _helpers(parts: list[Part]) -> list[str]:
    made: list[str] = []
    for helper in dict.fromkeys(one.helper for one in parts if one.helper):
        made += ["", *HELPERS[helper].rstrip("\n").split("\n")]
    return made


def _class(made: Class) -> list[str]:
    """A class that stands for groups of layers."""
    shown = made.groups[0]
    if len(made.groups) > 1:
        shown += f" and {len(made.groups) - 1} more like it"
    return _written(made, made.name, f"{shown}.")


def _network(network: Network, classes: Classes) -> list[str]:
    """The class of the whole network."""
    taken = {made.name for made in classes.made}
    name = camel(network.name)
    while name in taken:
        name += "Net"
    return _written(classes.root, name, f"The whole of {network.name}.")


def _written(made: Class, name: str, told: str) -> list[str]:
    text = [f"class {name}(nn.Module):", f'    """{_plain(told)}"""', ""]
    arguments = ", ".join(["self", *made.parameters])
    text += statement(f"def __init__({arguments}):", 4)
    text.append("        super().__init__()")
    for place, build, note in made.parts:
        if place.is_attribute:
            written = lines(build, 8, f"self.{place.key} = ")
        else:
            written = lines(build, 8, f"self.add_module({literal(place.key)}, ", ")")
        if note and len(written[0]) + len(note) + 4 <= WIDTH:
            written[0] += f"  # {note}"
        elif note:
            written.insert(0, f"        # {note}")
        text += written
    return [*text, "", *statement(f"def forward({made.signature}):", 4), *made.forward]


def _plain(text: str) -> str:
    """A text as a docstring may hold it."""
    return text.replace("\\", "\\\\").replace(QUOTES, "'''")
