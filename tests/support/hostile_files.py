"""Files that are small to write, or repeat themselves, and would cost much to read.

`FILES` has them by what they do: the reader, what gives the content, and the refusal; where there
is none, the file is answered.
"""

from __future__ import annotations

import json
from functools import partial

HEAD = "name: large\ninput: [3, 8, 8]\n"
LARGE = 40_000_000  # bytes


def yaml_lines(row, head="layers:\n"):
    """A definition of very many equal lines."""
    return (HEAD + head + row * (LARGE // len(row))).encode()


def yaml_keys(row, head):
    """A definition of very many lines with a number each."""
    rows = "".join(row.format(number) for number in range(LARGE // len(row) // 2))
    return (HEAD + "layers: [relu]\n" + head + rows).encode()


def yaml_lists(lists=50, length=199_999):
    """Lists that are each within the bound."""
    rows = "".join(f"  a{n}: [{'1,' * length}1]\n" for n in range(lists))
    return (HEAD + "layers: [relu]\nargs:\n" + rows).encode()


def darknet_sections(section="[convolutional]\nfilters=8\nsize=3\npad=1\n", count=20_000):
    """A cfg of very many sections."""
    return ("[net]\nchannels=8\nheight=64\nwidth=64\n" + section * count).encode()


def darknet_groups(count=19_950, each=50):
    """Sections that each take groups of channels of very many before them."""
    first = ",".join(["0"] * each)
    rows = f"[route]\ngroups=2\nlayers={first}\n" * count
    return darknet_sections("[activation]\nactivation=relu\n" * each + rows, 1)


def caffe_layers(count=20_000):
    """A prototxt of very many layers."""
    rows = 'layer { name: "r" type: "ReLU" bottom: "x" top: "x" }\n' * count
    return ('input: "x"\ninput_dim: [1, 3, 8, 8]\n' + rows).encode()


def caffe_concatenations(depth=200):
    """Layers that each join the one before with itself."""
    rows = "".join(
        f'layer {{ name: "c{n}" type: "Concat" bottom: "b{n}" bottom: "b{n}" top: "b{n + 1}" }}\n'
        for n in range(depth)
    )
    return ('input: "b0"\ninput_dim: [1, 3, 8, 8]\n' + rows).encode()


def keras_doubling(depth=40, calls=2):
    """Models that each call the one within them twice, one call after the other."""
    relu = {"class_name": "ReLU", "name": "r", "config": {"name": "r"}}
    model = _keras_model("m0", [{**relu, "inbound_nodes": [[["in0", 0, 0, {}]]]}], "in0", "r")
    for level in range(1, depth):
        inner, start = model["config"]["name"], f"in{level}"
        froms = [start, *[inner] * (calls - 1)]
        nodes = [
            [[name, 0 if name == start else place - 1, 0, {}]] for place, name in enumerate(froms)
        ]
        part = {**model, "name": inner, "inbound_nodes": nodes}
        model = _keras_model(f"m{level}", [part], start, inner, calls - 1)
    return json.dumps(model).encode()


def _keras_model(name, parts, start, end, node=0):
    given = {
        "class_name": "InputLayer", "name": start, "inbound_nodes": [],
        "config": {"batch_input_shape": [None, 8, 8, 3], "name": start},
    }  # fmt: skip
    config = {
        "name": name, "layers": [given, *parts],
        "input_layers": [[start, 0, 0]], "output_layers": [[end, node, 0]],
    }  # fmt: skip
    return {"class_name": "Functional", "config": config}


def onnx_products(dtype="int64", count=60, operator="Mul", number=3):
    """Constants multiplied by themselves, again and again; the last one is a shape."""
    import numpy
    from onnx_models import model, node, tensor

    first = tensor("c0", [2], numpy.array([number, 1], dtype=dtype))
    nodes = [node(operator, f"c{n} c{n}", f"c{n + 1}") for n in range(count)]
    nodes += [node("Cast", f"c{count}", "shape", to=7), node("Reshape", "x shape")]
    return model(nodes, [1, 3, 8, 8], [first]).SerializeToString()


def onnx_tables(count=2000):
    """Tables of constants of which each is computed from the one before."""
    from onnx_models import model, node, tensor

    nodes = [node("Add", f"c{n} c{n}", f"c{n + 1}") for n in range(count)]
    nodes.append(node("Reshape", f"x c{count}"))
    first = tensor("c0", [4096], [1] * 4096)
    return model(nodes, [1, 3, 8, 8], [first]).SerializeToString()


def onnx_circle():
    """A function that calls itself."""
    import onnx
    from onnx import helper

    made = onnx.ModelProto.FromString(onnx_functions(2))
    made.functions[0].node[0].CopyFrom(helper.make_node("f1", ["x"], ["y"], domain="f"))
    return made.SerializeToString()


def onnx_functions(depth=40):
    """Functions that each call the one before twice."""
    from onnx import helper
    from onnx_models import model, node

    opsets = [helper.make_opsetid("", 22), helper.make_opsetid("f", 1)]
    relu = [node("Relu", "x", "y")]
    functions = [helper.make_function("f", "f0", ["x"], ["y"], relu, opsets)]
    for level in range(1, depth):
        calls = [
            helper.make_node(f"f{level - 1}", ["x"], ["z"], domain="f"),
            helper.make_node(f"f{level - 1}", ["z"], ["y"], domain="f"),
        ]
        functions.append(helper.make_function("f", f"f{level}", ["x"], ["y"], calls, opsets))
    made = model([helper.make_node(f"f{depth - 1}", ["x"], ["y"], domain="f")], [1, 3, 8, 8])
    made.opset_import.append(helper.make_opsetid("f", 1))
    made.functions.extend(functions)
    return made.SerializeToString()


def onnx_pieces(count=20_000):
    """Splits that ask for very many pieces, of which none but the first is read."""
    from onnx_models import model, node

    nodes = [node("Split", "x", f"s{n}", axis=1, num_outputs=256) for n in range(count)]
    nodes.append(node("Sum", " ".join(f"s{n}" for n in range(count))))
    return model(nodes, [1, 256, 8, 8]).SerializeToString()


def onnx_piece_count(operator, count=10**12):
    """A node that asks for more pieces than there is memory for."""
    from onnx_models import model, node

    attributes = {"num_outputs": count} if operator == "Split" else {}
    made = node(operator, "x", axis=2, **attributes)
    return model([made], [1, 3, count, 8]).SerializeToString()


ITEMS = "a list has more than 200,000 items, as many as a network's layers; write blocks"
LAYERS = "it has more than 200,000 layers"
UNREAD = "it takes numbers that depend on the input or are not in the file"
FILES = {
    "yaml: layers": ("yaml", partial(yaml_lines, "  - relu\n"), f":200004: {ITEMS}"),
    "yaml: layers with attributes": (
        "yaml",
        partial(yaml_lines, "  - {type: conv, out_channels: 4, kernel_size: 3}\n"),
        f":200004: {ITEMS}",
    ),
    "yaml: layers of a block": (
        "yaml",
        partial(yaml_lines, "      - relu\n", "layers: [b]\nblocks:\n  b:\n    layers:\n"),
        f":200007: {ITEMS}",
    ),
    "yaml: layers in a line": ("yaml", partial(yaml_lines, "relu, ", "layers: ["), f":3: {ITEMS}"),
    "yaml: blocks": (
        "yaml", partial(yaml_keys, "  b{}: {{layers: [relu]}}\n", "blocks:\n"), f":200005: {ITEMS}",
    ),
    "yaml: arguments": ("yaml", partial(yaml_keys, "  a{}: 1\n", "args:\n"), f":200005: {ITEMS}"),
    "yaml: lists": ("yaml", yaml_lists, "it has more than 4,000,000 values; write blocks"),
    "yaml: nesting": ("yaml", partial(yaml_lines, "[", "layers: "), "nested|nesting"),
    "yaml: a comment": ("yaml", partial(yaml_lines, "#", "layers: [relu]\n"), None),
    "darknet: sections": ("darknet", darknet_sections, None),
    "darknet: unknown sections": (
        "darknet", partial(darknet_sections, "[lstn]\n"), r"'\[lstn\]' .* \(20000 times\)",
    ),
    "darknet: groups of channels": ("darknet", darknet_groups, LAYERS),
    "caffe: layers": ("caffe", caffe_layers, None),
    "caffe: concatenations": ("caffe", caffe_concatenations, "channel count is over 10\\^18"),
    "keras: models that double": ("keras", keras_doubling, "make more than 200000 layers"),
    "keras: models that double, just within": ("keras", partial(keras_doubling, 15), None),
    "onnx: products of integers": ("onnx", onnx_products, UNREAD),
    "onnx: products of numbers": (
        "onnx", partial(onnx_products, "float64", 3000, "Mul", 0.1), UNREAD,
    ),
    "onnx: tables": ("onnx", onnx_tables, UNREAD),
    "onnx: functions that double": ("onnx", onnx_functions, "have 549,755,813,888 nodes"),
    "onnx: functions that double, just within": ("onnx", partial(onnx_functions, 15), None),
    "onnx: functions in a circle": ("onnx", onnx_circle, "its function 'f[01]' calls itself"),
    "onnx: pieces": ("onnx", partial(onnx_pieces, 1000), LAYERS),
    "onnx: a piece count": ("onnx", partial(onnx_piece_count, "Split"), "cuts 10{12} pieces"),
    "onnx: a sequence": (
        "onnx", partial(onnx_piece_count, "SplitToSequence"), "cuts 10{12} pieces",
    ),
}  # fmt: skip
