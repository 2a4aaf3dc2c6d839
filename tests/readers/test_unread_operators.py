"""A refusal names every operator that is not read, once each, with how often and where first."""

from __future__ import annotations

import json

import pytest

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build


def read(content, reader, **given):
    content = content if isinstance(content, bytes) else content.encode()
    return build(read_content(content, "<model>", reader, **given))


def refusal(content, reader):
    with pytest.raises(cnncalc.DefinitionError) as refused:
        read(content, reader)
    assert "\n" not in str(refused.value)
    return str(refused.value)


DARKNET = """\
[net]
channels=3
height=16
width=16
[odd]
output=4
[convolutional]
filters=2
[odd]
output=4
[strange]
filters=2
[mystery]
size=2
layers=1
[crop]
crop_height=99
"""


def test_sections():
    """Behind an unknown one the size that the crop wants cannot be judged."""
    assert refusal(DARKNET, "darknet") == (
        "<model>:5: 3 operators are not read: '[odd]' of section 0, 'odd_0' (2 times); "
        "'[strange]' of section 3, 'strange_3' (line 11); "
        "'[mystery]' of section 4, 'mystery_4' (line 13); "
        "--unknown pass goes on with their figures unknown"
    )


def test_of_very_many_the_first_ones():
    rows = "".join(f"[odd{number}]\n" for number in range(5000))
    told = refusal("[net]\nchannels=3\nheight=8\nwidth=8\n" + rows, "darknet")
    assert told.startswith("<model>:5: 5000 operators are not read: '[odd0]' of section 0")
    assert "'[odd9]'" in told and "'[odd10]'" not in told and "; and 4990 more; " in told


def prototxt(*types):
    layers = "".join(
        f'layer {{ name: "{kind}{place}" type: "{kind}" bottom: "data" top: "data" }}\n'
        for place, kind in enumerate(types)
    )
    return f'input: "data"\ninput_dim: [1, 3, 8, 8]\n{layers}'


def test_layers_of_a_prototxt():
    assert refusal(prototxt("ReLU", "Twist", "Fold", "Twist"), "caffe") == (
        "<model>:4: 2 operators are not read: 'Twist' of layer 'Twist1' (2 times); "
        "'Fold' of layer 'Fold2' (line 5); --unknown pass goes on with their figures unknown"
    )


def keras(*layers):
    parts = [
        {"class_name": operator, "config": {"name": f"part{place}", **config}}
        for place, (operator, config) in enumerate(layers)
    ]
    parts[0]["config"]["batch_input_shape"] = [None, 8, 8, 3]
    return json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": parts}})


def test_classes_of_keras_but_what_only_reads_one_of_them():
    """A Conv1D behind an unknown layer may be right: what it reads is not known."""
    model = keras(
        ("ReLU", {}), ("Twist", {}), ("Conv1D", {"filters": 2, "kernel_size": 3}), ("Fold", {})
    )
    assert refusal(model, "keras") == (
        "<model>: 2 classes are not read: 'Twist' of layer 'part1'; "
        "'Fold' of layer 'part3'; --unknown pass (unknown='pass') goes on with "
        "their figures unknown"
    )
    types = [node.type for node in read(model, "keras", unknown="pass").nodes]
    assert types == ["relu", "unknown", "unknown", "unknown"]


def test_what_is_wrong_before_an_operator_that_is_not_read_is_told_itself():
    wrong = ("Conv2D", {"filters": 0, "kernel_size": 3})
    assert "filters must be a whole number" in refusal(keras(wrong, ("LSTM", {})), "keras")


def test_nodes_of_onnx():
    pytest.importorskip("onnx")
    from onnx_models import model, node

    nodes = [
        node("Strange", "x", "a"),
        node("Relu", "a", "b"),
        node("Reshape", "b", "c"),
        node("Odd", "c", "d"),
        node("CumSum", "x axis", "e"),
        node("Strange", "x", "f"),
    ]
    made = model(nodes, [1, 3, 8, 8], outputs=("d", "e", "f"), more_inputs=())
    made.graph.node[4].input.pop()
    told = refusal(made.SerializeToString(), "onnx")
    assert told == (
        "<model>: 3 operators are not read: 'Strange' of node 1 'a' (2 times); "
        "'Odd' of node 4 'd'; 'CumSum' of node 5 'e'; "
        "--unknown pass goes on with their figures unknown"
    )
