"""A network as the source of one PyTorch module, as a person would write it."""

from __future__ import annotations

import ast
import textwrap
from functools import partial

from ...network.network import Network
from ...report.report import Report
from ...wording import input_text
from ..python_code import QUOTES, WIDTH, docstring_text, literal, one_line, statement
from .classes import Class, Classes
from .constructor_calls import lines
from .custom_modules import HELPERS
from .layer_code import TorchCode, TorchContext
from .layers import torch_code
from .module_tree import CLASS, module_tree
from .names import LIBRARY, blocks_by_prefix, camel

STANDARD = {
    "OrderedDict": "from collections import OrderedDict",
    "reduce": "from functools import reduce",
}
IMPORTS = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "torchvision": "import torchvision",
    "nn": "from torch import nn",
}


def export(network: Network, report: Report) -> str:
    """Source of an nn.Module whose layers, shapes and parameters are the report's.

    Raises NetworkError for a layer that PyTorch has no module for.
    """
    codes = _codes(network, report)
    root = module_tree(network, codes)
    prefixes = [group.prefix for group in root.groups() if group.style == CLASS]
    read = {source for node in network.nodes for source in node.sources}
    outputs = [node.index for node in network.nodes if node.index not in read]
    classes = Classes(root, blocks_by_prefix(network.definition, prefixes), outputs)
    body: list[str] = []
    for helper in dict.fromkeys(code.helper for code in codes if code.helper):
        body += ["", *HELPERS[helper].rstrip("\n").split("\n")]
    for part in classes.classes:
        body += ["", "", *_part_lines(part)]
    name = camel(network.name)
    while name in {part.name for part in classes.classes} or name in LIBRARY:
        name += "Net"
    body += ["", "", *_class_lines(classes.whole, name, f"The whole of {network.name}.")]
    imports = _imports("\n".join(body))
    return "\n".join([*_head(network, report), "", *imports, *body]) + "\n"


def _codes(network: Network, report: Report) -> list[TorchCode]:
    undone = {node.referred for node in network.nodes if node.type == "max_unpool"}
    strides = {-place: (1,) * network.axes for place, _ in enumerate(network.inputs)} | {
        layer.index: layer.eff_stride for layer in report
    }
    return [
        torch_code(TorchContext(layer, strides[layer.node.sources[0]], layer.index in undone))
        for layer in report
    ]


def _head(network: Network, report: Report) -> list[str]:
    """The file's docstring: what it is, and the figures that it has."""
    definition, totals = network.definition, report.totals
    title, figures = f"{network.name}.", ""
    if definition.description:
        title = f"{network.name}: {definition.description}."
    if totals.params is not None and totals.macs is not None:
        figures = f"{totals.params:,} parameters, {totals.macs:,} MACs "
    texts = [QUOTES + docstring_text(title), ""]
    if definition.source:
        texts.append(docstring_text(f"Source: {definition.source}."))
    size = f"Input {input_text(report.input)}: {figures}({report.convention})."
    texts += [size, "Written by cnncalc."]
    wrap = partial(textwrap.wrap, width=WIDTH, break_long_words=False, break_on_hyphens=False)
    return [*(line for text in texts for line in wrap(text) or [""]), QUOTES]


def _imports(code: str) -> list[str]:
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    standard = [line for name, line in STANDARD.items() if name in used]
    own = [line for name, line in IMPORTS.items() if name in used]
    return [*standard, *([""] if standard else []), *own]


def _part_lines(part: Class) -> list[str]:
    """A class that stands for groups of layers."""
    first, *others = part.groups
    more = f" and {len(others)} more like it" if others else ""
    return _class_lines(part, part.name, f"{first}{more}.")


def _class_lines(code: Class, name: str, description: str) -> list[str]:
    text = [f"class {name}(nn.Module):", f'    """{docstring_text(description)}"""', ""]
    arguments = ", ".join(["self", *code.parameters])
    text += statement(f"def __init__({arguments}):", 4)
    text.append("        super().__init__()")
    for names, build, told in code.parts:
        note = one_line(told)
        if names.is_attribute:
            call = lines(build, 8, f"self.{names.key} = ")
        else:
            call = lines(build, 8, f"self.add_module({literal(names.key)}, ", ")")
        if note and len(call[0]) + len(note) + 4 <= WIDTH:
            call[0] += f"  # {note}"
        elif note:
            call.insert(0, f"        # {note}")
        text += call
    return [*text, "", *statement(f"def forward({code.signature}):", 4), *code.forward]
