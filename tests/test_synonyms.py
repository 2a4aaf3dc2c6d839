"""The field's words: each leads to the type, the key or the network that the field means by it."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.definition.definition import OWN_KEYS
from cnncalc.layers import KINDS, kind
from cnncalc.readers.yaml import BLOCK_KEYS, TOP_KEYS
from cnncalc.synonyms import ADVICE, KEY, NAMES, NETWORK, OF_TYPE, TOP_KEY, TYPE, plain

# Keras, Caffe, Darknet, PyTorch and the papers' own words, by what they compute.
TYPES = {
    "conv": "Conv2d Convolution convolutional nn.Conv2d Conv1D conv3d torch.nn.Conv3d",
    "conv_transpose": "deconv Deconvolution Conv2DTranspose ConvTranspose2d upconv",
    "linear": "dense fc InnerProduct fully_connected Dense",
    "batch_norm": "bn BatchNorm2d BatchNormalization SyncBatchNorm",
    "global_avg_pool": "gap GlobalAveragePooling2D",
    "max_pool": "MaxPool2d maxpool MaxPooling2D",
    "avg_pool": "AveragePooling2D AvgPool2d",
    "lrn": "LRN LocalResponseNorm",
    "relu": "ReLU",
    "leaky_relu": "leaky LeakyReLU",
    "silu": "swish SiLU",
    "concat": "cat Concatenate route",
    "upsample": "interpolate UpSampling2D resize",
    "depthwise_conv": "DepthwiseConv2D dwconv",
    "space_to_depth": "reorg PixelUnshuffle",
    "pixel_shuffle": "depth_to_space",
    "mul": "Multiply",
    "pad": "ZeroPadding2D",
}


def told(layer):
    with pytest.raises(cnncalc.CnncalcError) as caught:
        cnncalc.loads(f"name: a\ninput: [3, 8, 8]\nlayers: [{layer}]")
    return str(caught.value)


@pytest.mark.parametrize(
    "word, meant", [(word, meant) for meant, words in TYPES.items() for word in words.split()]
)
def test_types(word, meant, capsys):
    hint = f"did you mean {meant!r}?"
    assert told(word) == f"<text>:3: unknown type {word!r}; {hint}"
    with pytest.raises(cnncalc.UsageError) as caught:
        cnncalc.layer(word, (3, 8, 8))
    assert str(caught.value) == f"no layer type is named {word!r}; {hint}"
    assert run(["layer", word]) == 2
    assert hint[1:] in capsys.readouterr().err


@pytest.mark.parametrize(
    "word, hint",
    [
        ("atrous_conv", "write conv with dilation"),
        ("dilated_conv", "write conv with dilation"),
        ("group_conv", "write conv with groups"),
        ("pooling", "did you mean 'max_pool' or 'avg_pool'?"),
        ("eltwise", "did you mean 'add' or 'mul' or 'maximum'?"),
        ("residual", "write add with both branches in from"),
        ("shortcut", "write add with both branches in from"),
        ("lstm", "recurrent layers have no type"),
        ("GRU", "recurrent layers have no type"),
        ("Embedding", "embeddings have no type"),
        ("separable_conv", "write depthwise_conv and a conv with kernel_size: 1"),
        ("softplus", "operator: softplus"),
        ("zzzq", "`cnncalc layer --help` lists the types"),
    ],
)
def test_types_that_are_something_else(word, hint):
    assert hint in told(word)


def test_a_block_of_ones_own_comes_first():
    with pytest.raises(cnncalc.CnncalcError, match="did you mean 'residual_unit'"):
        cnncalc.loads(
            "name: a\ninput: [3, 8, 8]\nblocks: {residual_unit: {layers: [relu]}}\n"
            "layers: [residual]"
        )


@pytest.mark.parametrize(
    "layer, key, hint",
    [
        ("conv", "fsize", "did you mean 'kernel_size'?"),
        ("conv", "kernel", "did you mean 'kernel_size'?"),
        ("conv", "filters", "did you mean 'out_channels'?"),
        ("conv", "num_output", "did you mean 'out_channels'?"),
        ("conv", "units", "did you mean 'out_channels'?"),
        ("linear", "units", "did you mean 'out_features'?"),
        ("linear", "out_channels", "did you mean 'out_features'?"),
        ("conv", "rate", "did you mean 'dilation'?"),
        ("conv", "dilation_rate", "did you mean 'dilation'?"),
        ("dropout", "rate", "did you mean 'p'?"),
        ("conv", "strides", "did you mean 'stride'?"),
        ("conv", "pad", "did you mean 'padding'?"),
        ("conv", "use_bias", "did you mean 'bias'?"),
        ("max_pool", "pool_size", "did you mean 'kernel_size'?"),
        ("conv", "in_channels", "it follows from what the layer reads; leave it out"),
        ("linear", "in_features", "it follows from what the layer reads; leave it out"),
        ("batch_norm", "num_features", "it follows from what the layer reads; leave it out"),
        ("conv", "activation", "write it as a layer of its own behind this one, as in - relu"),
        ("depthwise_conv", "filters", "its channels are those it reads times multiplier"),
        ("relu", "kernel", "it takes in_place, inplace"),
    ],
)
def test_keys(layer, key, hint):
    assert hint in told(f"{{type: {layer}, {key}: 3}}")
    with pytest.raises(cnncalc.UsageError) as caught:
        cnncalc.layer(layer, (3, 8, 8), **{key: 3})
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    "word, hint",
    [
        ("RCNN", "did you mean rcnn_alexnet or fast_rcnn_vgg16 or faster_rcnn_vgg16?"),
        ("R-CNN", "did you mean rcnn_alexnet or fast_rcnn_vgg16 or faster_rcnn_vgg16?"),
        ("Faster R-CNN", "did you mean faster_rcnn_vgg16?"),
        ("Mask R-CNN", "did you mean mask_rcnn_resnet50_fpn?"),
        ("transformer", "did you mean vit_b_16 or deit_s or swin_t?"),
        ("VGGNet", "did you mean vgg16 or vgg19 or vgg11?"),
        ("inception_v1", "did you mean googlenet?"),
        ("ZFNet", "did you mean zf5?"),
    ],
)
def test_networks(word, hint):
    with pytest.raises(cnncalc.UsageError) as caught:
        cnncalc.load(word)
    assert str(caught.value) == f"no network or file is named {word!r}; {hint}"


@pytest.mark.parametrize(
    "layer",
    [
        "{type: max_pool, kernel_size: (3, 3)}",
        "{type: max_pool, kernel_size: (3,3), stride: 2}",
        "{type: max_pool, kernel_size: '(3, 3)'}",
        "{type: max_pool, kernel_size: 3x3}",
    ],
)
def test_lists_in_other_signs(layer):
    assert told(layer).endswith("; write [3, 3]")


def test_an_input_in_parentheses():
    with pytest.raises(cnncalc.CnncalcError, match=r"; write \[3, 224, 224\]$"):
        cnncalc.loads("name: a\ninput: (3, 224, 224)\nlayers: [relu]")


def test_an_unknown_layer_brings_the_names_and_no_option_that_a_command_may_lack(capsys):
    for words in (["explain", "vgg16", "zzzz"], ["box", "vgg16", "zzzz", "0,0"]):
        assert run(words) == 2
        assert "--all" not in capsys.readouterr().err
    assert run(["rf", "vgg16", "--from", "zzzz"]) == 2
    assert capsys.readouterr().err.startswith(
        "vgg16 has no layer 'zzzz'; it has conv1_1, relu1_1, conv1_2, "
    )


def test_the_table_names_what_there_is():
    attributes = {name for type_name in KINDS for name in kind(type_name).attributes}
    known = {
        TYPE: {*KINDS},
        KEY: {*attributes, *OWN_KEYS},
        TOP_KEY: {*TOP_KEYS, *BLOCK_KEYS},
        NETWORK: {*zoo.names()},
    }
    for topic, table in NAMES.items():
        assert {name for names in table for name in names.split()} <= known[topic]
    assert {type_name for type_name, _ in OF_TYPE} <= {*KINDS}


@pytest.mark.parametrize("table", [*NAMES.values(), *ADVICE.values()])
def test_words_stand_as_they_are_looked_up(table):
    words = [word for words in table.values() for word in words.split()]
    assert [word for word in words if plain(word) != word] == []
