"""Keras' architectures of both generations, written by hand: figures counted, damage refused."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.loading import definition, read_content
from cnncalc.network.build import build


def tensor(name, node=0):
    """An output of a layer, as a call names it."""
    return (name, node, 0)


class Keras2:
    """How Keras 2 writes models."""

    @staticmethod
    def given(shape, name="image"):
        config = {"batch_input_shape": [None, *shape], "dtype": "float32", "name": name}
        return {
            "class_name": "InputLayer", "config": config, "name": name, "inbound_nodes": []
        }  # fmt: skip

    @staticmethod
    def layer(operator, name, *calls, **config):
        nodes = [[[*one, {}] for one in call] for call in calls]
        values = {"name": name, "trainable": True, **config}
        return {"class_name": operator, "config": values, "name": name, "inbound_nodes": nodes}

    @staticmethod
    def functional(name, inputs, outputs, *parts):
        config = {
            "name": name, "layers": list(parts),
            "input_layers": [list(one) for one in inputs],
            "output_layers": [list(one) for one in outputs],
        }  # fmt: skip
        return {"class_name": "Functional", "config": config, "name": name}

    @staticmethod
    def sequential(name, *parts):
        return {"class_name": "Sequential", "config": {"name": name, "layers": list(parts)}}


class Keras3(Keras2):
    """How Keras 3 writes models."""

    @staticmethod
    def given(shape, name="image"):
        config = {"batch_shape": [None, *shape], "dtype": "float32", "name": name}
        part = {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None}
        return {**part, "config": config, "name": name, "inbound_nodes": []}

    @staticmethod
    def layer(operator, name, *calls, **config):
        nodes = []
        for call in calls:
            tensors = [
                {"class_name": "__keras_tensor__", "config": {"keras_history": list(one)}}
                for one in call
            ]
            arguments = tensors if len(tensors) == 1 else [tensors]
            nodes.append({"args": arguments, "kwargs": {"training": False}})
        values = {"name": name, "trainable": True, "dtype": {"class_name": "DTypePolicy"}, **config}
        part = {"module": "keras.layers", "class_name": operator, "registered_name": None}
        return {**part, "config": values, "name": name, "inbound_nodes": nodes}

    @staticmethod
    def functional(name, inputs, outputs, *parts):
        made = Keras2.functional(name, inputs, outputs, *parts)
        for key in ("input_layers", "output_layers"):
            if len(made["config"][key]) == 1:
                made["config"][key] = made["config"][key][0]
        return {"module": "keras.src.models.functional", **made, "registered_name": "Functional"}


def residual(form):
    """A stem, a residual block with a gate, a twin and a classifier."""
    layer = form.layer
    return form.functional(
        "small",
        [tensor("image")],
        [tensor("fc")],
        form.given([17, 16, 3]),
        layer("ZeroPadding2D", "pad", [tensor("image")], padding=[[1, 0], [2, 2]]),
        layer(
            "Conv2D", "conv1", [tensor("pad")], filters=8, kernel_size=[3, 5], strides=[2, 1],
            padding="valid", data_format="channels_last", dilation_rate=[1, 1], groups=1,
            activation="relu", use_bias=False,
        ),
        layer("BatchNormalization", "bn1", [tensor("conv1")], axis=[3], epsilon=0.001),
        layer(
            "SeparableConv2D", "sep", [tensor("bn1")], filters=16, kernel_size=[3, 3],
            padding="same", depth_multiplier=2, activation="linear", use_bias=True,
        ),
        layer(
            "BatchNormalization", "bn2", [tensor("sep")], axis=-1, scale=False, center=True
        ),
        layer("GlobalAveragePooling2D", "pooled", [tensor("bn2")], keepdims=False),
        layer("Reshape", "map", [tensor("pooled")], target_shape=[1, 1, 16]),
        layer("Dense", "gate", [tensor("map")], units=16, activation="sigmoid", use_bias=False),
        layer("Multiply", "gated", [tensor("bn2"), tensor("gate")]),
        layer("Conv2D", "twin", [tensor("gated")], [tensor("gated")], filters=4, kernel_size=1),
        layer("Concatenate", "joined", [tensor("twin"), tensor("twin", 1)], axis=-1),
        layer("MaxPooling2D", "pool", [tensor("joined")], pool_size=[2, 2], padding="same"),
        layer("Flatten", "flat", [tensor("pool")]),
        layer("Dense", "fc", [tensor("flat")], units=10, activation="softmax"),
    )  # fmt: skip


# layer: (shape, params, buffers, MACs). Layers that are not listed have none of the last three.
RESIDUAL = {
    "pad": ((3, 18, 20), 0, 0, 0),
    "conv1": ((8, 8, 16), 8 * 3 * 15, 0, 8 * 16 * 8 * 3 * 15),  # ⌊(18 − 3)/2⌋ + 1, 20 − 5 + 1
    "conv1.relu": ((8, 8, 16), 0, 0, 0),
    "bn1": ((8, 8, 16), 2 * 8, 2 * 8, 0),
    "sep.depthwise": ((16, 8, 16), 16 * 9, 0, 8 * 16 * 16 * 9),
    "sep": ((16, 8, 16), 16 * 16 + 16, 0, 8 * 16 * 16 * 16),
    "bn2": ((16, 8, 16), 0, 2 * 16, 0),
    "bn2.beta": ((16, 8, 16), 16, 0, 0),
    "pooled": ((16, 1, 1), 0, 0, 0),
    "gate": ((16, 1, 1), 16 * 16, 0, 16 * 16),
    "gate.sigmoid": ((16, 1, 1), 0, 0, 0),
    "gated": ((16, 8, 16), 0, 0, 0),
    "twin": ((4, 8, 16), 4 * 16 + 4, 0, 8 * 16 * 4 * 16),
    "twin_2": ((4, 8, 16), 0, 0, 8 * 16 * 4 * 16),  # the same weights again
    "joined": ((8, 8, 16), 0, 0, 0),
    "pool": ((8, 4, 8), 0, 0, 0),
    "flat": ((8 * 4 * 8,), 0, 0, 0),
    "fc": ((10,), 256 * 10 + 10, 0, 256 * 10),
    "fc.softmax": ((10,), 0, 0, 0),
}


def read(model, unknown="refuse", path="model.json"):
    content = model if isinstance(model, bytes) else json.dumps(model).encode()
    return cnncalc.analyze(build(read_content(content, path, None, unknown)))


@pytest.mark.parametrize("form", [Keras2, Keras3])
def test_figures_counted_by_hand(form):
    report = read(residual(form))
    figures = ("out_shape", "params", "buffers", "macs")
    found = {layer.layer: tuple(getattr(layer, f) for f in figures) for layer in report}
    assert {name: found[name] for name in RESIDUAL} == RESIDUAL
    assert report.totals.params == sum(params for _, params, _, _ in RESIDUAL.values())
    assert report["conv1"].rf == (3, 5)
    assert report["conv1"].eff_pad == (1, 2)
    assert report["sep"].rf == (3 + 2 * 2, 5 + 2 * 1)


@pytest.mark.parametrize("suffix", [".json", ".keras", ".txt"])
def test_the_path_or_the_content_chooses_the_reader(tmp_path, suffix, capsys):
    path = tmp_path / f"saved{suffix}"
    text = json.dumps(residual(Keras3))
    if suffix == ".keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", "{}")
            archive.writestr("config.json", text)
            archive.writestr("model.weights.h5", b"\0" * 1000)
    else:
        path.write_text(text)
    assert run(["params", str(path), "--csv"]) == 0
    assert ",fc,linear,10,2570\n" in capsys.readouterr().out
    assert cnncalc.load(path).name == "small"


def test_channels_first_is_the_same_network():
    first = json.loads(json.dumps(residual(Keras2)).replace("channels_last", "channels_first"))
    parts = {part["name"]: part for part in first["config"]["layers"]}
    parts["image"]["config"]["batch_input_shape"] = [None, 3, 17, 16]
    for name in ("pad", "sep", "pooled", "pool"):
        parts[name]["config"]["data_format"] = "channels_first"
    parts["bn1"]["config"]["axis"] = parts["bn2"]["config"]["axis"] = 1
    parts["joined"]["config"]["axis"] = 1
    parts["map"]["config"]["target_shape"] = [16, 1, 1]
    parts["gate"].update(class_name="Conv2D")
    parts["gate"]["config"].update(filters=16, kernel_size=1)
    report = read(first)
    assert {layer.layer: layer.out_shape for layer in report} == {
        layer.layer: layer.out_shape for layer in read(residual(Keras2))
    }
    assert report.totals.params == sum(params for _, params, _, _ in RESIDUAL.values())


def nested(form, shift=0):
    """A model within a model, called twice."""
    layer = form.layer
    inner = form.functional(
        "inner",
        [tensor("patch")],
        [tensor("conv")],
        form.given([8, 8, 4], "patch"),
        layer("Conv2D", "conv", [tensor("patch")], filters=4, kernel_size=3, padding="same"),
    )
    calls = layer("Functional", "inner", [tensor("image")], [tensor("inner", shift)])
    return form.functional(
        "outer",
        [tensor("image")],
        [tensor("last")],
        form.given([8, 8, 4]),
        {**inner, "name": "inner", "inbound_nodes": calls["inbound_nodes"]},
        layer("Add", "last", [tensor("inner", shift), tensor("inner", 1 + shift)]),
    )


@pytest.mark.parametrize("form", [Keras2, Keras3])
@pytest.mark.parametrize("shift", [0, 1])  # Keras 2 may count the making of a model as a call
def test_models_within_models_share_their_parameters(form, shift):
    report = read(nested(form, shift))
    assert [layer.layer for layer in report] == ["inner.conv", "inner.conv_2", "last"]
    assert [layer.params for layer in report] == [4 * 4 * 9 + 4, 0, 0]
    assert [layer.rf[0] for layer in report] == [3, 5, 5]


def sequential(*parts, shape=(12, 12, 3)):
    return Keras2.sequential("s", Keras2.given(shape), *parts)


def test_a_sequential_model_without_a_shape_takes_it_from_the_command_line(tmp_path, capsys):
    conv = Keras2.layer("Conv2D", "conv", filters=2, kernel_size=3)
    path = tmp_path / "s.json"
    path.write_text(json.dumps(Keras2.sequential("s", conv)))
    assert run(["shape", str(path), "--input", "3x9x9", "--csv"]) == 0
    assert "\n1,conv,conv,3,3,1,1,0,0,1,1,2,7,7,56,2646,3,3,1,1\n" in capsys.readouterr().out
    assert run(["shape", str(path), "--csv"]) == 0
    assert "\n1,conv,conv,3,3,1,1,0,0,1,1,2,,,,,3,3,1,1\n" in capsys.readouterr().out


def test_sizes_may_be_unknown():
    conv = Keras2.layer("Conv2D", "conv", filters=2, kernel_size=3, strides=2, padding="same")
    report = read(sequential(conv, shape=(None, None, 3)))
    assert report["conv"].out_shape == (2, None, None)
    assert report["conv"].params == 2 * 3 * 9 + 2
    assert report["conv"].macs is None
    assert report["conv"].rf == (3, 3)


@pytest.mark.parametrize(
    ("operator", "config", "type_name"),
    [
        ("ReLU", {"max_value": 6.0}, "relu6"),
        ("ReLU", {"max_value": None, "negative_slope": 0.1}, "leaky_relu"),
        ("ReLU", {"max_value": 1.0}, "function"),
        ("Activation", {"activation": "swish"}, "silu"),
        ("Activation", {"activation": {"class_name": "function", "config": "relu6"}}, "relu6"),
        ("Activation", {"activation": "selu"}, "function"),
        ("SpatialDropout2D", {"rate": 0.3}, "dropout"),
        ("RandomFlip", {"mode": "horizontal"}, "identity"),
        ("Rescaling", {"scale": 0.5}, "identity"),
        ("LeakyReLU", {"alpha": 0.3}, "leaky_relu"),
        ("Softmax", {"axis": -1}, "softmax"),
    ],
)
def test_layers_without_figures(operator, config, type_name):
    report = read(sequential(Keras2.layer(operator, "x", **config)))
    assert report["x"].type == type_name
    assert report["x"].out_shape == (3, 12, 12)
    assert report.totals.params == 0


@pytest.mark.parametrize(
    ("shared", "params"),
    [([1, 2], 3), ([1, 2, 3], 1)],  # a slope per channel, or one
)
def test_slopes_of_a_prelu(shared, params):
    report = read(sequential(Keras2.layer("PReLU", "x", shared_axes=shared)))
    assert report.totals.params == params


def test_groups_of_channels_interleaved():
    layer = Keras2.layer
    parts = (
        layer("Conv2D", "conv", filters=12, kernel_size=1),
        layer("Reshape", "groups", target_shape=[12, 12, 3, 4]),
        layer("Permute", "swap", dims=[1, 2, 4, 3]),
        layer("Reshape", "back", target_shape=[12, 12, -1]),
        layer("Conv2D", "after", filters=2, kernel_size=3),
    )
    report = read(sequential(*parts))
    assert report["swap"].type == "channel_shuffle"
    assert report["back"].out_shape == (12, 12, 12)
    assert report["after"].params == 2 * 12 * 9 + 2
    assert report["after"].rf == (3, 3)


REFUSED = {
    "Lambda": "class 'Lambda' of layer 'x' is not known here; "
    "--unknown pass (unknown='pass') goes on with its figures unknown",
    "LSTM": "class 'LSTM' of layer 'x' cannot be read: it reads no sequence of numbers, or has "
    "cells that are not Keras'; --unknown pass (unknown='pass') goes on with its figures unknown",
    "Conv1D": "class 'Conv1D' of layer 'x' cannot be read: it works along 1 axes, where the input "
    "has 2; --unknown pass (unknown='pass') goes on with its figures unknown",
}


@pytest.mark.parametrize("operator", REFUSED)
def test_a_class_that_is_not_known_is_refused_or_passed_on(operator):
    config = {"filters": 1, "kernel_size": 1}
    model = sequential(
        Keras2.layer(operator, "x", **config), Keras2.layer("Conv2D", "after", **config)
    )
    with pytest.raises(cnncalc.DefinitionError) as caught:
        read(model)
    assert str(caught.value) == f"model.json: {REFUSED[operator]}"
    report = read(model, unknown="pass")
    assert [report["x"].params, report["after"].params, report.totals.params] == [None] * 3


def test_a_class_of_ones_own_is_not_known_by_a_name_of_keras():
    part = {**Keras3.layer("Dense", "x", units=3), "registered_name": "mine>Dense"}
    with pytest.raises(
        cnncalc.DefinitionError, match="class 'mine>Dense' of layer 'x' is not known here"
    ):
        read(sequential(part))


def changed(*path, value):
    model = residual(Keras2)
    place = model
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return model


LAYERS = ("config", "layers")
DAMAGED = [
    (b"", "not JSON: Expecting value at column 1"),
    (b'{"class_name": "Functional",', "not JSON: "),
    (b"[" * 100_000, "models or values are nested too deeply"),
    (b"\xff{}", "not UTF-8: byte 0xff"),
    (b"[]", "holds '[]' where a class_name belongs"),
    (
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file, Keras' older form or weights alone; save the model as .keras",
    ),
    (b"PK\x03\x04 cut off", "not readable as an archive: File is not a zip file"),
    (b'{"class_name": "Mine", "config": {}}', "class 'Mine' says nothing of its layers"),
    (b'{"class_name": "Sequential", "config": []}', "it has no layers"),
    (changed("config", "layers", value=3), "layers of 'small' is no list"),
    (changed(*LAYERS, 2, "config", "filters", value=0), "layer 'conv1': filters must be a whole"),
    (changed(*LAYERS, 2, "config", "filters", value=True), "not 'True'"),
    (changed(*LAYERS, 2, "config", "kernel_size", value=[3]), None),
    (changed(*LAYERS, 2, "config", "kernel_size", value=[3, 3, 3]), "one whole number, or 2"),
    (changed(*LAYERS, 2, "config", "padding", value="full"), "padding must be one of valid, same"),
    (changed(*LAYERS, 2, "config", "activation", value="mine"), "its activation 'mine' is none"),
    (changed(*LAYERS, 2, "inbound_nodes", value=[[["none", 0, 0, {}]]]), "reads 'none', which is"),
    (changed(*LAYERS, 2, "inbound_nodes", value=[[["fc", 0, 0, {}]]]), "reads what is computed"),
    (changed(*LAYERS, 2, "inbound_nodes", value=[[3]]), "'3' is no input of a layer"),
    (changed("config", "input_layers", value=[]), "it names no input_layers"),
    (changed(*LAYERS, 0, "config", "batch_input_shape", value=[None, 0]), "input '[None, 0]'"),
    (changed(*LAYERS, 11, "config", "axis", value=1), None),
]


@pytest.mark.parametrize(("model", "message"), DAMAGED)
def test_damaged_files_are_told_of_on_one_line(model, message):
    content = model if isinstance(model, bytes) else json.dumps(model).encode()
    try:
        build(read_content(content, "f", "keras"))
    except cnncalc.DefinitionError as error:
        assert message is not None
        assert message in str(error)
        assert str(error).startswith("f:")
        assert "\n" not in str(error)
    else:
        assert message is None


def archived(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def test_an_archive_that_unpacks_without_end_is_refused():
    bomb = archived(config_json=b" " * 50_000_001)
    assert len(bomb) < 100_000
    with pytest.raises(cnncalc.DefinitionError, match="is larger than 50 MB"):
        read_content(bomb, "f.keras", "keras")


def test_an_archive_without_an_architecture_is_refused():
    with pytest.raises(cnncalc.DefinitionError, match=r"the archive has no config\.json"):
        read_content(archived(metadata_json="{}"), "f.keras", "keras")


def test_what_other_formats_wrap_around_an_architecture_is_taken_off():
    bare = residual(Keras2)
    hdf5 = {"keras_version": "2.9.0", "model_config": bare}
    tensorflow_js = {"format": "layers-model", "modelTopology": hdf5}
    expected = read(bare).to_dict()
    assert read(hdf5).to_dict() == read(tensorflow_js).to_dict() == expected


def test_functions_of_tensorflow_as_keras_2_keeps_them():
    def function(name, of, node, y=None):
        part = Keras2.layer("TFOpLambda", name, function=of)
        kwargs = {"name": None} if y is None else {"y": y, "name": None}
        return {**part, "inbound_nodes": [[*node, kwargs]]}

    model = Keras2.functional(
        "f",
        [tensor("image")],
        [tensor("sum")],
        Keras2.given([8, 8, 4]),
        function("shifted", "__operators__.add", tensor("image"), 3.0),
        function("cut", "nn.relu6", tensor("shifted")),
        function("part", "math.multiply", ("_CONSTANT_VALUE", -1, 0.5), ["cut", 0, 0]),
        function("sum", "math.add", tensor("part"), ["image", 0, 0]),
    )
    report = read(model)
    assert [layer.type for layer in report] == ["function", "relu6", "function", "add"]
    assert report["sum"].sources == ("part", "input")


def test_names_may_hold_slashes():
    model = sequential(Keras2.layer("Dense", "block/x", units=5))
    assert cnncalc.from_keras(InMemory(model, **{"block/x": [(3, 5), (5,)]})).names["block/x"] == 1


def test_an_input_that_is_no_layer_is_refused():
    with pytest.raises(cnncalc.DefinitionError, match="its input 'other' is none of its layers"):
        read(changed("config", "input_layers", value=[["image", 0, 0], ["other", 0, 0]]))


def test_what_is_no_model_is_refused():
    with pytest.raises(cnncalc.UsageError, match="from_keras reads a Keras model, not 'int'"):
        cnncalc.from_keras(3)


class InMemory:
    """As much of a Keras model as is asked for: its architecture, and layers with weights."""

    def __init__(self, model, **weights):
        self.model = model
        self.layers = [
            SimpleNamespace(
                name=name, weights=[SimpleNamespace(name="w", shape=shape) for shape in shapes]
            )
            for name, shapes in weights.items()
        ]

    def to_json(self):
        return json.dumps(self.model)


def test_weights_that_a_layer_should_not_have_are_refused():
    model = sequential(Keras2.layer("Dense", "x", units=5))
    assert cnncalc.from_keras(InMemory(model, x=[(3, 5), (5,)])).names["x"] == 1
    with pytest.raises(cnncalc.DefinitionError, match="Keras has 24 numbers of it, where 20 were"):
        cnncalc.from_keras(InMemory(model, x=[(3, 5), (5,), (4,)]))


def test_definition_gives_the_reader_by_name(tmp_path):
    path = tmp_path / "saved.model"
    path.write_text(json.dumps(residual(Keras2)))
    assert definition(str(path), "keras").name == "small"
