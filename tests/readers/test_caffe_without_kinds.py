"""Caffe's layers without a kind: shapes, parameters and MACs counted by hand; work in place."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.exporters.pytorch.export import export
from cnncalc.exporters.yaml import folded_definition
from cnncalc.loading import read_content
from cnncalc.network.build import build
from cnncalc.readers.caffe import reading as caffe
from cnncalc.readers.source import Source

INPUT = 'input: "x" input_shape { dim: 2 dim: 4 dim: 6 dim: 8 }\n'


def network(text, **source):
    return build(read_content(text.encode(), "net.prototxt", "caffe", **source))


def report(text, **source):
    return cnncalc.analyze(network(text, **source))


def layer(type_name, params="", bottom="x", top="y"):
    bottoms = " ".join(f'bottom: "{name}"' for name in bottom.split())
    tops = " ".join(f'top: "{name}"' for name in top.split())
    return f'layer {{ name: "{top.split()[0]}" type: "{type_name}" {bottoms} {tops} {params} }}\n'


# type and parameters: (shape, params, MACs) on a map of 4×6×8.
STATED = {
    # Its sequence of 6·8 features for each of 4: Caffe's W_xc, b_c and W_hc.
    ("LSTM", "recurrent_param { num_output: 5 }"): (
        (4, 5), 4 * 5 * 48 + 4 * 5 + 4 * 5 * 5, 4 * 4 * 5 * (48 + 5),
    ),
    # W_xh, b_h, W_hh, W_ho, b_o
    ("RNN", "recurrent_param { num_output: 5 }"): (
        (4, 5), 5 * 48 + 5 + 25 + 25 + 5, 4 * 5 * (48 + 5 + 5),
    ),
    ("Bias", ""): ((4, 6, 8), 4, 0),
    ("Scale", "scale_param { axis: 2 }"): ((4, 6, 8), 6, 0),
    ("Scale", "scale_param { axis: -1 bias_term: true }"): ((4, 6, 8), 2 * 8, 0),
    ("Scale", "scale_param { num_axes: 2 }"): ((4, 6, 8), 4 * 6, 0),
    ("Scale", "scale_param { num_axes: -1 }"): ((4, 6, 8), 4 * 6 * 8, 0),
    ("Scale", "scale_param { axis: 0 num_axes: 0 }"): ((4, 6, 8), 1, 0),
    ("Reorg", "reorg_param { stride: 2 }"): ((4 * 4, 3, 4), 0, 0),
    ("Reorg", "reorg_param { stride: 2 reverse: true }"): ((1, 12, 16), 0, 0),
    ("SeLuDropout", "selu_dropout_param { dropout_ratio: 0.1 }"): ((4, 6, 8), 0, 0),
    # ⌊(6 + 2 − 3)/2⌋ + 1, ⌊(8 + 2 − 3)/2⌋ + 1
    ("Im2col", "convolution_param { kernel_size: 3 stride: 2 pad: 1 }"): ((4 * 9, 3, 4), 0, 0),
    ("IM2COL", "convolution_param { kernel_h: 3 kernel_w: 1 }"): ((4 * 3, 4, 8), 0, 0),
    ("Bias", "bias_param { num_axes: -1 }"): ((4, 6, 8), 4 * 6 * 8, 0),
    ("Normalize", ""): ((4, 6, 8), 1, 0),
    ("Tile", "tile_param { axis: 2 tiles: 3 }"): ((4, 18, 8), 0, 0),
    ("Reduction", "reduction_param { axis: 2 }"): ((4,), 0, 0),
    ("SPP", "spp_param { pyramid_height: 3 }"): ((4 * (1 + 4 + 16),), 0, 0),
    ("Flatten", "flatten_param { axis: 2 }"): ((4, 48), 0, 0),
    ("Flatten", "flatten_param { axis: 1 end_axis: 2 }"): ((24, 8), 0, 0),
    ("Interp", "interp_param { zoom_factor: 8 }"): ((4, 6 + 5 * 7, 8 + 7 * 7), 0, 0),
    ("Interp", "interp_param { shrink_factor: 2 }"): ((4, 3, 4), 0, 0),  # ⌊5/2⌋ + 1, ⌊7/2⌋ + 1
    ("Interp", "interp_param { zoom_factor: 2 shrink_factor: 2 }"): ((4, 5, 7), 0, 0),
    ("Interp", "interp_param { zoom_factor: 2 pad_beg: -1 pad_end: -1 }"): ((4, 7, 11), 0, 0),
    ("Interp", "interp_param { height: 9 width: 5 }"): ((4, 9, 5), 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", STATED, ids=" ".join)
def test_figures(case):
    found = report(INPUT + layer(*case))
    totals = found.totals
    assert (found.layers[-1].out_shape, totals.params, totals.macs) == STATED[case]


def test_a_table_of_words():
    text = 'input: "x" input_shape { dim: 1 dim: 7 }' + layer(
        "Embed", "embed_param { input_dim: 10 num_output: 3 }"
    )
    found = report(text).layers[-1]
    assert (found.params, found.out_shape[0]) == (10 * 3 + 3, 3)


def test_maps_joined_and_cut_along_their_axes():
    text = INPUT + layer("Concat", "concat_param { axis: 2 }", "x x")
    assert report(text).layers[-1].out_shape == (4, 12, 8)
    text = INPUT + layer("Slice", "slice_param { axis: 3 slice_point: 3 }", top="y z")
    assert [one.out_shape for one in report(text)] == [(4, 6, 3), (4, 6, 5)]


@pytest.mark.parametrize(
    ("order", "channels", "sizes"), [((0, 1, 3, 2), 4, (6, 4)), ((0, 2, 3, 1), 6, (6, 2))]
)
def test_what_a_permute_moves_is_a_map_again(order, channels, sizes):
    asked = " ".join(f"order: {axis}" for axis in order)
    text = INPUT + layer("Permute", f"permute_param {{ {asked} }}")
    text += layer("Convolution", "convolution_param { num_output: 2 kernel_size: 3 }", "y", "z")
    conv = report(text)["z"]
    assert (conv.out_shape, conv.params) == ((2, *sizes), 2 * channels * 9 + 2)


def test_layers_of_both_generations_come_by_their_lines():
    text = f"""{layer("Input", "input_param { shape { dim: 1 dim: 3 dim: 5 dim: 5 } }", "", "x")}
      layers {{ name: "c" type: CONVOLUTION bottom: "x" top: "c"
               convolution_param {{ num_output: 2 kernel_size: 3 }} }}
      {layer("ReLU", "", "c", "r")}
      layers {{ name: "p" type: POOLING bottom: "r" top: "p" pooling_param {{ kernel_size: 3 }} }}
    """
    assert [one.layer for one in report(text)] == ["c", "r", "p"]


def test_a_data_layer_may_have_the_shape_of_an_input_layer():
    data = layer("Data", "input_param { shape: { dim: 1 dim: 3 dim: 9 dim: 7 } }", "", "x")
    assert report(data + layer("ReLU")).input == (3, 9, 7)


def test_a_crop_of_the_first_generation_has_its_reference_s_size():
    text = INPUT + layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", top="p")
    found = report(text + layer("CROP", "", "x p")).layers[-1]
    assert (found.type, found.out_shape) == ("unknown", (4, 3, 4))


def test_what_needs_a_size_says_that_input_gives_it():
    text = 'input: "x"' + layer("Interp", "interp_param { zoom_factor: 2 }")
    with pytest.raises(cnncalc.DefinitionError, match="is not known, which --input gives"):
        report(text)
    source = Source("net.prototxt", "", text.encode(), input="3x5x5")
    found = cnncalc.analyze(build(caffe.read(source)), input="3x5x5")
    assert found.layers[-1].out_shape == (3, 9, 9)


@pytest.mark.parametrize(
    ("params", "shape"),
    [
        ("", (4, 3, 4)),
        ("axis: 2 offset: 3 offset: 4", (4, 3, 4)),
        ("axis: 1", (4, 3, 4)),
        ("axis: 0 offset: 0 offset: 0 offset: 1 offset: 2", (4, 3, 4)),
        ("axis: 3 offset: 4", (4, 6, 4)),
        ("axis: -1", (4, 6, 4)),
    ],
)
def test_a_crop_cuts_the_axes_from_one_on(params, shape):
    pool = layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", top="p")
    text = INPUT + pool + layer("Crop", f"crop_param {{ {params} }}", "x p")
    assert report(text).layers[-1].out_shape == shape


def test_a_crop_past_the_end_or_of_the_batch():
    pool = layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", top="p")
    for params, told in (
        ("axis: 3 offset: 5", "4 units from 5 on do not fit its 8"),
        ("axis: 0 offset: 1", "the batch must stay whole"),
    ):
        with pytest.raises(cnncalc.CnncalcError, match=told):
            report(INPUT + pool + layer("Crop", f"crop_param {{ {params} }}", "x p"))


def test_vectors_are_cropped_to_their_first_numbers():
    wide = layer("InnerProduct", "inner_product_param { num_output: 9 }", top="w")
    narrow = layer("InnerProduct", "inner_product_param { num_output: 5 }", top="n")
    text = INPUT + wide + narrow + layer("Crop", "crop_param { axis: 1 offset: 2 }", "w n")
    assert report(text).layers[-1].out_shape == (5,)


def test_what_a_filter_lets_pass_has_the_shape_that_it_had():
    """Caffe's FilterLayer: its last bottom chooses, each other has a top; labels stay labels."""
    text = """
      layer { name: "x" type: "Input" top: "x"
              input_param { shape { dim: 2 dim: 4 dim: 6 dim: 8 } } }
      layer { name: "l" type: "Input" top: "l" top: "s" input_param { shape { dim: 2 } } }
    """
    text += layer("Filter", "", "x l s", "y z")
    text += layer("Convolution", "convolution_param { num_output: 2 kernel_size: 3 }", "y", "c")
    text += layer("SoftmaxWithLoss", "", "c z", "loss")
    found = report(text)
    assert [(one.layer, one.out_shape) for one in found] == [("y", (4, 6, 8)), ("c", (2, 4, 6))]
    assert found.input == (4, 6, 8)


# The two pools of R-FCN (arXiv:1605.06409) on 2 classes, 3 × 3 bins.
R_FCN = """
  layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 18 dim: 6 dim: 8 } } }
  layer { name: "rois" type: "Input" top: "rois" input_param { shape { dim: 20 dim: 5 } } }
  layer { name: "c" type: "Convolution" bottom: "x" top: "c"
          convolution_param { num_output: 18 kernel_size: 1 } }
  layer { name: "p" type: "PSROIPooling" bottom: "c" bottom: "rois" top: "p"
          psroi_pooling_param { spatial_scale: 0.0625 output_dim: 2 group_size: 3 } }
  layer { name: "f" type: "InnerProduct" bottom: "p" top: "f"
          inner_product_param { num_output: 5 } }
"""


def test_a_position_sensitive_pool_of_regions():
    """Caffe's PSROIPoolingLayer: regions × output_dim × group_size × group_size."""
    made = network(R_FCN)
    found = cnncalc.analyze(made)
    assert found["p"].out_shape == (2, 3, 3)
    assert found["p"].activations == 20 * 2 * 3 * 3
    assert found["f"].macs == 20 * 2 * 3 * 3 * 5
    again = cnncalc.loads(folded_definition(made))
    assert cnncalc.analyze(again).records() == found.records()


def test_regions_are_not_pooled_of_regions():
    twice = layer(
        *("PSROIPooling", "psroi_pooling_param { output_dim: 2 group_size: 1 }", "p rois", "q")
    )
    with pytest.raises(cnncalc.CnncalcError, match="it reads what is per region already"):
        report(R_FCN + twice)


def test_layers_without_a_kind_share_parameters():
    names = 'param { name: "a" } param { name: "b" } param { name: "c" }'
    step = f"{names} recurrent_param {{ num_output: 5 }}"
    text = INPUT + layer("LSTM", step, top="one") + layer("LSTM", step, top="two")
    assert report(text).totals.params == 4 * 5 * 48 + 4 * 5 + 4 * 5 * 5


def test_a_map_that_was_a_vector_between():
    flat = layer("Reshape", "reshape_param { shape { dim: 0 dim: 4 dim: 48 } }")
    back = "reshape_param { shape { dim: 2 dim: 4 dim: 6 dim: 8 } }"
    assert report(INPUT + flat + layer("Reshape", back, "y", "z")).layers[-1].out_shape == (4, 6, 8)


IN_PLACE = (
    layer("BatchNorm", "", "y", "y"),
    layer("ReLU", "", "y", "y"),
    layer("Dropout", "", "y", "y"),
    layer("Eltwise", "", "y x", "y"),
)


def test_a_top_that_is_its_bottom_works_in_place():
    conv = layer("Convolution", "convolution_param { num_output: 4 kernel_size: 3 pad: 1 }")
    made = network(INPUT + conv + "".join(IN_PLACE))
    apart = network(INPUT + conv + layer("ReLU", "", "y", "z"))
    assert [node.kind.is_in_place for node in made.nodes] == [False, *[True] * 4]
    assert not any(node.kind.is_in_place for node in apart.nodes)
    again = cnncalc.loads(folded_definition(made))
    assert [node.kind for node in again.nodes] == [node.kind for node in made.nodes]
    code = export(made, cnncalc.analyze(made))
    assert "nn.ReLU(inplace=True)" in code and "nn.Dropout(inplace=True)" in code


DAMAGED = {
    ("LSTM", ""): "LSTM needs num_output",
    ("Tile", "tile_param { axis: 7 tiles: 2 }"): "axis must be one behind the batch",
    ("Bias", "bias_param { axis: 2 num_axes: 9 }"): "axis and num_axes reach past its input",
    ("SPP", "spp_param { pyramid_height: 99 }"): "SPP needs pyramid_height, of at most 20",
    ("Embed", ""): "Embed needs num_output and input_dim",
    ("Interp", ""): "Interp needs zoom_factor, shrink_factor, or height and width",
    ("Interp", "interp_param { zoom_factor: 2 pad_beg: 1 }"): "must be 0 or less, which crops",
    ("Scale", "scale_param { axis: 3 num_axes: 2 }"): "reach past its input, or into the batch",
    ("Im2col", "convolution_param { kernel_size: 7 }"): "larger than its padded input",
    ("PSROIPooling", ""): "PSROIPooling needs output_dim and group_size",
    ("Flatten", "flatten_param { axis: 0 }"): "it flattens the batch, or axes that are none",
}


@pytest.mark.parametrize("case", DAMAGED, ids=" ".join)
def test_what_does_not_fit_is_told_on_one_line(case):
    with pytest.raises(cnncalc.CnncalcError) as caught:
        report(INPUT + layer(*case))
    assert DAMAGED[case] in str(caught.value)
    assert "\n" not in str(caught.value)
