"""Architectures, prototxts and cfgs damaged at random: a report or a line, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from damage import damaged_json, damaged_text

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build

DATA = Path(__file__).parent.parent / "data"
TEXTS = sorted([*DATA.glob("caffe/*.prototxt"), *DATA.glob("darknet/*.cfg")])
READERS = {".prototxt": "caffe", ".cfg": "darknet"}


def outcome(text, reader, seed):
    given = {"unknown": ("refuse", "pass")[seed % 2], "input": (None, "3x32x32", "16")[seed % 3]}
    try:
        return cnncalc.analyze(build(read_content(text.encode(), "<file>", reader, **given)))
    except cnncalc.CnncalcError as refused:
        told = str(refused)
        assert told.isprintable() and len(told) < 3000
        return told


@pytest.mark.parametrize("path", TEXTS, ids=[path.name for path in TEXTS])
def test_words_and_lines(path):
    text = path.read_text(encoding="utf-8")
    for seed in range(60):
        outcome(damaged_text(text, seed), READERS[path.suffix], seed)


def tensor(name, node=0):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, node, 0]}}


def keras3():
    """A convolution with its norm, a sum, a model in the model."""
    parts = [
        ("InputLayer", "image", {"batch_shape": [None, 16, 16, 3]}, []),
        ("Conv2D", "conv", {"filters": 4, "kernel_size": [3, 3], "padding": "same"}, ["image"]),
        ("BatchNormalization", "norm", {"axis": 3}, ["conv"]),
        ("Activation", "act", {"activation": "relu6"}, ["norm"]),
        ("Add", "sum", {}, ["conv", "act"]),
        ("ZeroPadding2D", "pad", {"padding": [[1, 0], [0, 1]]}, ["sum"]),
        ("MaxPooling2D", "pool", {"pool_size": [2, 2], "strides": None}, ["pad"]),
        ("Reshape", "view", {"target_shape": [-1, 4]}, ["pool"]),
        ("Flatten", "flat", {}, ["view"]),
        ("Dense", "fc", {"units": 10, "activation": "softmax"}, ["flat"]),
    ]
    layers = [
        {
            "module": "keras.layers",
            "class_name": operator,
            "config": {"name": name, **config},
            "name": name,
            "inbound_nodes": [
                {"args": list(map(tensor, read)) if len(read) < 2 else [list(map(tensor, read))]}
            ]
            * bool(read),
        }
        for operator, name, config, read in parts
    ]
    ends = {"input_layers": ["image", 0, 0], "output_layers": ["fc", 0, 0]}
    return {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}


def keras2():
    """A sequential model with another in it."""
    inner = [
        {"class_name": "SeparableConv2D", "config": {"name": "s", "filters": 4, "kernel_size": 3}},
        {"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.3}},
    ]
    parts = [
        {"class_name": "Conv2D", "config": {
            "name": "c", "filters": 8, "kernel_size": [3, 3], "dilation_rate": [2, 2],
            "batch_input_shape": [None, None, None, 3],
        }},
        {"class_name": "Sequential", "config": {"name": "inner", "layers": inner}},
        {"class_name": "UpSampling2D", "config": {"name": "u", "size": [2, 2]}},
        {"class_name": "GlobalAveragePooling2D", "config": {"name": "g"}},
        {"class_name": "Dropout", "config": {"name": "d", "rate": 0.5}},
    ]  # fmt: skip
    return {"class_name": "Sequential", "config": {"name": "net", "layers": parts}}


@pytest.mark.parametrize("made", [keras2, keras3])
@pytest.mark.parametrize("start", range(0, 600, 100))
def test_values_of_architectures(made, start):
    for seed in range(start, start + 100):
        outcome(json.dumps(damaged_json(made(), seed)), "keras", seed)


@pytest.mark.parametrize("made", [keras2, keras3])
def test_architectures_are_read_undamaged(made):
    assert not isinstance(outcome(json.dumps(made()), "keras", 0), str)


def test_arguments_by_name_that_are_a_tensor():
    data = keras3()
    data["config"]["layers"][2]["inbound_nodes"][0]["kwargs"] = tensor("conv")
    assert not isinstance(outcome(json.dumps(data), "keras", 0), str)
