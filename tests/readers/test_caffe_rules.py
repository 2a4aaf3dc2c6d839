"""Caffe's rules one by one: where data gets its shape, phases, rounding, what each type becomes."""

from __future__ import annotations

import itertools

import pytest

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build
from cnncalc.readers.caffe import reading as caffe
from cnncalc.readers.source import Source


def read(text):
    return cnncalc.analyze(build(read_content(text.encode(), "net.prototxt", "caffe")))


def test_number_of_regions_that_the_file_gives():
    text = """
      input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
      input: "rois" input_shape { dim: 20 dim: 5 }
      layer { name: "p" type: "ROIPooling" bottom: "data" bottom: "rois" top: "p"
              roi_pooling_param { pooled_h: 2 pooled_w: 2 } }
      layer { name: "fc" type: "InnerProduct" bottom: "p" top: "fc"
              inner_product_param { num_output: 4 } }
    """
    assert read(text)["fc"].macs == 20 * 3 * 2 * 2 * 4
    proposed = """
      layer { name: "rpn" type: "Proposal" bottom: "data" bottom: "rois" top: "proposed"
              proposal_param { post_nms_topn: 12 } }
      layer { name: "p" type: "ROIPooling" bottom: "data" bottom: "proposed" """
    text = text.replace(
        'layer { name: "p" type: "ROIPooling" bottom: "data" bottom: "rois"', proposed
    )
    assert read(text)["fc"].macs == 12 * 3 * 2 * 2 * 4
    # As in MS-CNN, whose layer does not say how many there are.
    text = text.replace('"Proposal"', '"BoxOutput"').replace("proposal_param", "box_output_param")
    assert read(text)["fc"].macs == 3 * 2 * 2 * 4


def test_data_without_a_shape_takes_the_one_asked_for():
    text = """
      layer { name: "data" type: "Data" top: "data" top: "label" data_param { batch_size: 4 } }
      layer { name: "cut" type: "Slice" bottom: "data" top: "a" top: "b" }
      layer { name: "c" type: "Convolution" bottom: "b" top: "c"
              convolution_param { num_output: 2 kernel_size: 3 } }
    """
    with pytest.raises(cnncalc.DefinitionError, match="give --input"):
        read(text)
    network = build(definition_of(text, "4x8x8"))
    assert cnncalc.analyze(network, input="4x8x8")["c"].params == 2 * 2 * 9 + 2


def definition_of(text, shape):
    return caffe.read(Source("net.prototxt", "", text.encode(), input=shape))


@pytest.mark.parametrize(
    "data, shape",
    [
        ('type: "Data" transform_param { crop_size: 12 }', (None, 12, 12)),
        ('type: "Data" transform_param { mean_value: 1 mean_value: 2 }', (2, None, None)),
        ('type: "Data" transform_param { crop_size: 9 force_gray: true }', (1, 9, 9)),
        ('type: "ImageData" image_data_param { new_height: 7 new_width: 9 }', (3, 7, 9)),
        ('type: "ImageData" image_data_param { is_color: false }', (1, None, None)),
        ('type: "WindowData" window_data_param { crop_size: 227 }', (3, 227, 227)),
        ('type: "HDF5Data" hdf5_data_param { batch_size: 3 }', (None, None, None)),
        ('type: "DummyData" dummy_data_param { num: 2 channels: 3 height: 5 width: 7 }', (3, 5, 7)),
        ('type: "MemoryData" memory_data_param { channels: 3 height: 5 width: 7 }', (3, 5, 7)),
        ('type: "Python" python_param { module: "m" layer: "Images" }', (None, None, None)),
        ('type: "Input" input_param { shape { dim: 4 dim: 30 } }', (30, 1, 1)),
        ('type: "Input" input_param { shape { dim: 4 dim: 30 dim: 99 } }', (30, 99)),
    ],
)
def test_shape_of_data(data, shape):
    layer = 'layer { name: "s" type: "Sigmoid" bottom: "x" top: "y" }'
    assert read(f'layer {{ name: "x" top: "x" {data} }} {layer}').input == shape


@pytest.mark.parametrize(
    "rule, there",
    [
        ("", True),
        ("include { phase: TEST }", True),
        ("include { phase: TRAIN }", False),
        ("include { phase: TRAIN } include { phase: TEST }", True),
        ("exclude { phase: TEST }", False),
        ("exclude { phase: TRAIN }", True),
        ("include { min_level: 1 }", False),
        ("include { min_level: 0 max_level: 0 }", True),
        ("include { max_level: -1 }", False),
        ('include { stage: "a" }', True),
        ('include { stage: "a" stage: "b" }', False),
        ('include { not_stage: "a" }', False),
        ('include { phase: TEST not_stage: "b" }', True),
        ("include { }", True),
        ("exclude { }", False),
    ],
)
def test_layers_of_the_test_phase(rule, there):
    text = f"""
      state {{ phase: TRAIN stage: "a" }}
      input: "x" input_shape {{ dim: 1 dim: 3 dim: 4 dim: 4 }}
      layer {{ name: "one" type: "TanH" bottom: "x" top: "one" }}
      layer {{ name: "two" type: "TanH" bottom: "x" top: "two" {rule} }}
    """
    assert ("two" in [layer.layer for layer in read(text)]) == there


def windows_of_caffe(size, kernel, stride, pad, padded, floor):
    """How many windows Caffe pools, counted: as many as cover all, or as fit."""
    starts = itertools.count(0, stride)
    if floor:
        inside = itertools.takewhile(lambda start: start + kernel <= size + 2 * pad, starts)
        return len(list(inside))
    covering = 1 + len(
        list(itertools.takewhile(lambda start: start + kernel < size + 2 * pad, starts))
    )
    return covering - (padded and (covering - 1) * stride >= size + pad)


@pytest.mark.parametrize(
    "kernel, stride, pad", [(2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 2, 1), (2, 3, 0), (4, 3, 2)]
)
@pytest.mark.parametrize("floor", [False, True])
def test_pooling_rounds_as_caffe(kernel, stride, pad, floor):
    mode = "round_mode: FLOOR" if floor else ""
    for height, width in itertools.product(range(5, 12), repeat=2):
        found = read(f"""
          input: "x" input_shape {{ dim: 1 dim: 1 dim: {height} dim: {width} }}
          layer {{ name: "p" type: "Pooling" bottom: "x" top: "p"
                  pooling_param {{ kernel_size: {kernel} stride: {stride} pad: {pad} {mode} }} }}
        """)
        expected = [
            windows_of_caffe(n, kernel, stride, pad, pad > 0, floor) for n in (height, width)
        ]
        assert found["p"].out_shape == (1, *expected)


def test_one_layer_for_several_blobs_shares_its_weights():
    found = read("""
      input: "x" input_shape { dim: 1 dim: 4 dim: 6 dim: 6 }
      layer { name: "cut" type: "Slice" bottom: "x" top: "a" top: "b" slice_param { slice_dim: 1 } }
      layer { name: "c" type: "Convolution" bottom: "a" bottom: "b" top: "ca" top: "cb"
              convolution_param { num_output: 5 kernel_size: 3 } }
      layer { name: "e" type: "Eltwise" bottom: "ca" bottom: "cb" top: "e" }
    """)
    assert found.totals.params == 5 * 2 * 9 + 5
    assert found.totals.macs == 2 * 16 * 5 * 2 * 9
    assert found["e"].sources == ("c", "c_2")


SMALL = 'input: "x" input_shape { dim: 1 dim: 4 dim: 6 dim: 8 } '


def one(body):
    return read(f'{SMALL} layer {{ name: "l" bottom: "x" top: "y" {body} }}')["l"]


@pytest.mark.parametrize(
    "body, type_name, shape, params",
    [
        ('type: "AbsVal"', "function", (4, 6, 8), 0),
        ('type: "Power" power_param { power: 2 }', "function", (4, 6, 8), 0),
        ('type: "Eltwise" eltwise_param { coeff: 20 }', "function", (4, 6, 8), 0),
        ('type: "ELU"', "elu", (4, 6, 8), 0),
        ('type: "Clip" clip_param { min: 0 max: 6 }', "relu6", (4, 6, 8), 0),
        ('type: "Clip" clip_param { min: -1 max: 1 }', "function", (4, 6, 8), 0),
        ('type: "MVN"', "instance_norm", (4, 6, 8), 0),
        ('type: "MVN" mvn_param { across_channels: true }', "group_norm", (4, 6, 8), 0),
        ('type: "BN"', "batch_norm", (4, 6, 8), 2 * 4),
        ('type: "Scale" scale_param { bias_term: true }', "scale", (4, 6, 8), 4 + 4),
        ('type: "Flatten"', "flatten", (4 * 6 * 8,), 0),
        ('type: "Upsample" upsample_param { scale: 2 }', "upsample", (4, 12, 16), 0),
        (
            'type: "ShuffleChannel" shuffle_channel_param { group: 2 }',
            "channel_shuffle",
            (4, 6, 8),
            0,
        ),
        ('type: "Reshape" reshape_param { shape { dim: 0 dim: -1 } }', "flatten", (192,), 0),
        ('type: "Reshape" reshape_param { shape { dim: 1 dim: 192 } }', "reshape", (192,), 0),
        (
            'type: "Reshape" reshape_param { shape { dim: 0 dim: 0 dim: 3 dim: -1 } }',
            "reshape",
            (4, 3, 16),
            0,
        ),
        (
            'type: "Reshape" reshape_param { shape { dim: -1 dim: 8 dim: 6 dim: 4 } }',
            "reshape",
            (8, 6, 4),
            0,
        ),
        (
            'type: "Reshape" reshape_param { shape { dim: 2 dim: 3 } axis: 2 num_axes: 1 }',
            "flatten",
            (192,),
            0,
        ),
        (
            'type: "Reshape" reshape_param { shape { dim: 3 dim: -1 } axis: 2 }',
            "reshape",
            (4, 3, 16),
            0,
        ),
        (
            'type: "Permute" permute_param { order: 0 order: 2 order: 3 order: 1 }',
            "identity",
            (4, 6, 8),
            0,
        ),
        (
            'type: "ConvolutionDepthwise" convolution_param { num_output: 8 kernel_size: 3 }',
            "conv",
            (8, 4, 6),
            8 * 9 + 8,
        ),
        (
            'type: "InnerProduct" inner_product_param { num_output: 3 }',
            "linear",
            (3,),
            4 * 6 * 8 * 3 + 3,
        ),
        (
            'type: "Convolution" convolution_param { num_output: 2 kernel_size: 3 hole: 2 }',
            "conv",
            (2, 2, 4),
            2 * 4 * 9 + 2,
        ),
        (
            'type: "Convolution" convolution_param { num_output: 2 kernel_size: 3 kernel_size: 1 '
            "pad: 1 pad: 0 dilation: 1 dilation: 1 }",
            "conv",
            (2, 6, 8),
            2 * 4 * 3 + 2,
        ),
    ],
)
def test_layer_types(body, type_name, shape, params):
    layer = one(body)
    assert (layer.type, layer.out_shape, layer.params) == (type_name, shape, params)


def test_equal_names_are_numbered():
    layer = 'layer { name: "a" type: "TanH" bottom: "x" top: "x" }'
    found = read(SMALL + layer * 5_000)
    assert [found.layers[index].layer for index in (0, 1, 4_999)] == ["a", "a_2", "a_5000"]
