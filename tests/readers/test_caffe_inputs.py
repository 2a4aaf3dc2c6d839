"""Caffe networks of several inputs: which blobs from outside are inputs, and which labels."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import folded_definition
from cnncalc.loading import read_content
from cnncalc.network.build import build


def network(text, **source):
    return build(read_content(text.encode(), "net.prototxt", "caffe", **source))


def layer(type_name, bottom, top, params=""):
    bottoms = " ".join(f'bottom: "{name}"' for name in bottom.split())
    tops = " ".join(f'top: "{name}"' for name in top.split())
    return f'layer {{ name: "{top.split()[0]}" type: "{type_name}" {bottoms} {tops} {params} }}\n'


def shaped(*dims):
    return f"input_param {{ shape {{ {' '.join(f'dim: {dim}' for dim in dims)} }} }}"


def conv(bottom, top, names=""):
    shared = " ".join(f'param {{ name: "{name}" }}' for name in names.split())
    return layer(
        *("Convolution", bottom, top),
        f"{shared} convolution_param {{ num_output: 4 kernel_size: 3 }}",
    )


# Two branches of one network, each on data of its own, and a label.
SIAMESE = (
    layer("Data", "", "data sim", "transform_param { crop_size: 28 force_gray: true }")
    + layer("Data", "", "data_p", "transform_param { crop_size: 28 force_gray: true }")
    + conv("data", "c", "w b")
    + conv("data_p", "c_p", "w b")
    + layer("ContrastiveLoss", "c c_p sim", "loss")
)


def test_a_siamese_network_reads_two_inputs_through_the_same_weights():
    found = network(SIAMESE)
    assert found.inputs == {"data": (1, 28, 28), "data_p": (1, 28, 28)}
    report = cnncalc.analyze(found)
    assert (report.totals.params, report.totals.macs) == (4 * 9 + 4, 2 * 26 * 26 * 4 * 9)
    assert report["c_p"].sources == ("data_p",)
    smaller = cnncalc.analyze(found, input={"data_p": "1x9x9"})
    assert (smaller["c"].out_shape, smaller["c_p"].out_shape) == ((4, 26, 26), (4, 7, 7))


def test_colour_and_depth_are_joined_and_the_label_is_none():
    """As in FCN's NYUDv2 networks: one layer of Python code gives all three."""
    text = (
        layer("Python", "", "color depth label", 'python_param { module: "m" layer: "NYUD" }')
        + layer("Concat", "color depth", "data")
        + conv("data", "score")
        + layer("SoftmaxWithLoss", "score label", "loss")
    )
    asked = {"color": "3x10x10", "depth": "1x10x10"}
    found = network(text, input=asked)
    assert found.inputs == {"color": (3, 10, 10), "depth": (1, 10, 10)}
    report = cnncalc.analyze(found, input=asked)
    assert (report["data"].out_shape, report["score"].params) == ((4, 10, 10), 4 * 4 * 9 + 4)


def test_a_slice_of_the_labels_is_no_input():
    text = (
        layer("HDF5Data", "", "labels data")
        + layer("Slice", "labels", "one two")
        + conv("data", "c")
        + layer("EuclideanLoss", "c one", "loss")
    )
    assert list(network(text, input="3x8x8").inputs) == ["input"]


@pytest.mark.parametrize(
    ("type_name", "params"),
    [
        ("CenterLoss", ""),
        ("Python", 'python_param { module: "m" layer: "Loss" } loss_weight: 1'),
        ("Other", "loss_weight: 1"),
    ],
)
def test_a_loss_of_any_name_has_no_figures(type_name, params):
    text = layer("Input", "", "x", shaped(1, 3, 8, 8)) + layer("Input", "", "y", shaped(1, 4))
    found = network(text + conv("x", "c") + layer(type_name, "c y", "loss", params))
    assert (found.input, [node.name for node in found.nodes]) == ((3, 8, 8), ["c"])


def test_vectors_go_behind_maps():
    text = (
        layer("Input", "", "noise", shaped(1, 10))
        + layer("Input", "", "image", shaped(1, 3, 8, 8))
        + conv("image", "c")
        + layer("InnerProduct", "c", "f", "inner_product_param { num_output: 6 }")
        + layer("Concat", "noise f", "both")
        + layer("InnerProduct", "both", "last", "inner_product_param { num_output: 2 }")
    )
    found = network(text)
    assert found.inputs == {"image": (3, 8, 8), "noise": (10,)}
    assert cnncalc.analyze(found)["last"].params == 2 * (10 + 6) + 2
    again = cnncalc.loads(folded_definition(found))
    assert cnncalc.analyze(again).records() == cnncalc.analyze(found).records()


def test_data_without_axes_in_two_branches():
    """Caffe's linear regression: two blobs of 3 by 2, each with weights of its own."""
    dummy = "dummy_data_param { shape { dim: 10 dim: 3 dim: 2 } }"
    product = "inner_product_param { num_output: 10 }"
    text = (
        layer("DummyData", "", "x", dummy)
        + layer("DummyData", "", "y", dummy)
        + layer("InnerProduct", "x", "ipx", product)
        + layer("InnerProduct", "y", "ipy", product)
        + layer("Python", "ipx ipy", "loss", 'python_param { layer: "L" } loss_weight: 1')
    )
    assert cnncalc.analyze(network(text)).totals.params == 2 * (10 * 6 + 10)


# FlowNetC (arXiv:1504.06852, section 3): 21 × 21 displacements of 256 channels; PWC-Net
# (arXiv:1709.02371): 9 × 9. Sizes by Caffe's CorrelationLayer: ⌈(n + 2·pad − 2·border)/stride_1⌉.
@pytest.mark.parametrize(
    ("params", "shape", "macs"),
    [
        (
            "kernel_size: 1 pad: 20 max_displacement: 20 stride_1: 1 stride_2: 2",
            (441, 8, 6),
            441 * 48 * 4,
        ),
        ("kernel_size: 1 pad: 4 max_displacement: 4", (81, 8, 6), 81 * 48 * 4),
        # 8 + 2·2 − 2·(1 + 1) = 8 and 6 rows, of which every third
        ("kernel_size: 3 pad: 2 max_displacement: 1 stride_1: 3", (9, 3, 2), 9 * 6 * 4 * 9),
        ("kernel_size: 1 pad: 1 max_displacement: 1 correlation_type: SUBTRACT", (9, 8, 6), 0),
    ],
)
def test_the_correlation_of_two_images(params, shape, macs):
    text = layer("Input", "", "img0", shaped(1, 4, 8, 6)) + layer(
        "Input", "", "img1", shaped(1, 4, 8, 6)
    )
    text += layer("Correlation", "img0 img1", "corr", f"correlation_param {{ {params} }}")
    text += layer("InnerProduct", "corr", "f", "inner_product_param { num_output: 1 }")
    made = network(text)
    assert list(made.inputs) == ["img0", "img1"]
    found = cnncalc.analyze(made)["corr"]
    assert (found.out_shape, found.macs, found.params) == (shape, macs, 0)


def test_a_map_that_a_flow_moves_keeps_its_shape():
    text = layer("Input", "", "image", shaped(1, 4, 8, 6)) + layer(
        "Input", "", "flow", shaped(1, 2, 8, 6)
    )
    text += layer("Warp", "image flow", "w") + conv("w", "c")
    made = network(text)
    found = cnncalc.analyze(made)
    assert list(made.inputs) == ["image", "flow"]
    assert (found["w"].out_shape, found.totals.params) == ((4, 8, 6), 4 * 4 * 9 + 4)


def test_an_input_without_dims_takes_those_of_its_layer():
    text = 'input: "x"\n' + layer("Input", "", "x", shaped(1, 3, 8, 8)) + conv("x", "c")
    assert network(text).input == (3, 8, 8)


def test_no_input_of_several_is_called_input():
    text = layer("Input", "", "input", shaped(1, 3, 8, 8)) + layer(
        "Input", "", "other", shaped(1, 3, 8, 8)
    )
    text += layer("Eltwise", "input other", "sum") + conv("sum", "c")
    assert list(network(text).inputs) == ["input_1", "other"]


def test_command_line(tmp_path, capsys):
    path = tmp_path / "net.prototxt"
    path.write_text(SIAMESE)
    command = ["shape", str(path), "--input", "data=1x9x9", "--input", "data_p=1x6x6", "--csv"]
    assert run([*command, "--columns", "layer,out"]) == 0
    assert capsys.readouterr().out == "layer,out_h,out_w\nc,7,7\nc_p,4,4\n"
    assert run([*command, "--input", "third=1x6x6"]) == 2
    assert "there is no input 'third'; the inputs are data, data_p" in capsys.readouterr().err
