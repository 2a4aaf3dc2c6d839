"""Files that are small to write and would cost much to read, for tests and benchmarks.

Each is called by what it does; `FILES` has them by name: the reader, the content (a function of
none, as some are large) and what their refusal says, None where they are answered.
"""

from __future__ import annotations

import json


def yaml_lines(row, count=1_000_000, head="name: large\ninput: [3, 8, 8]\nlayers:\n"):
    """A definition of very many lines."""
    return (head + row * count).encode()


def darknet_sections(section="[convolutional]\nfilters=8\nsize=3\npad=1\n", count=20_000):
    """A cfg of very many sections."""
    return ("[net]\nchannels=8\nheight=64\nwidth=64\n" + section * count).encode()


def darknet_routes(count=20_000, each=40):
    """Sections of which every second joins others before it."""
    rows = []
    for place in range(count // 2):
        back = ",".join(str(-2 * step - 1) for step in range(min(each, place + 1)))
        rows.append(f"[convolutional]\nfilters=1\n[route]\nlayers={back}\n")
    return darknet_sections("".join(rows), 1)


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
    model = _keras_model("m0", [_keras_layer("ReLU", {"name": "r"}, ["in0"], ["r"])], "in0", "r")
    for level in range(1, depth):
        inner, start = model["config"]["name"], f"in{level}"
        froms = [start, *[inner] * (calls - 1)]
        nodes = [
            [[name, 0 if name == start else place - 1, 0, {}]] for place, name in enumerate(froms)
        ]
        part = {**model, "name": inner, "inbound_nodes": nodes}
        model = _keras_model(f"m{level}", [part], start, inner, calls - 1)
    return json.dumps(model).encode()


def _keras_layer(operator, config, sources, _):
    nodes = [[[name, 0, 0, {}] for name in sources]]
    return {
        "class_name": operator, "config": config, "name": config["name"], "inbound_nodes": nodes
    }  # fmt: skip


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


def onnx_functions(depth=40, size=0):
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
