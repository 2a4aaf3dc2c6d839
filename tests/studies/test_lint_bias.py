"""Which layers pass a bias on to a normalization behind them: whether PyTorch's output changes."""

import pytest

import cnncalc

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")
nn, functional = torch.nn, torch.nn.functional

POOL = "kernel_size: 3, stride: 2"
# What stands between a convolution and a batch_norm, and the same on PyTorch's tensors.
BETWEEN = {
    "{type: identity}": lambda x: x,
    "{type: dropout}": nn.Dropout(0.5).eval(),
    "{type: max_pool, kernel_size: 3, padding: 1}": nn.MaxPool2d(3, 3, 1),
    f"{{type: max_pool, {POOL}, ceil_mode: true}}": nn.MaxPool2d(3, 2, ceil_mode=True),
    f"{{type: avg_pool, {POOL}}}": nn.AvgPool2d(3, 2),
    f"{{type: avg_pool, {POOL}, ceil_mode: true}}": nn.AvgPool2d(3, 2, ceil_mode=True),
    f"{{type: avg_pool, {POOL}, padding: 1}}": nn.AvgPool2d(3, 2, 1),
    f"{{type: avg_pool, {POOL}, padding: 1, count_include_pad: false}}": nn.AvgPool2d(
        3, 2, 1, count_include_pad=False
    ),
    "{type: adaptive_avg_pool, output_size: 3}": nn.AdaptiveAvgPool2d(3),
    "{type: adaptive_max_pool, output_size: 3}": nn.AdaptiveMaxPool2d(3),
    "{type: global_avg_pool}": nn.AdaptiveAvgPool2d(1),
    "{type: global_max_pool}": nn.AdaptiveMaxPool2d(1),
    "{type: upsample, scale_factor: 2}": lambda x: functional.interpolate(x, scale_factor=2),
    "{type: upsample, scale_factor: 2, mode: bilinear}": lambda x: functional.interpolate(
        x, scale_factor=2, mode="bilinear"
    ),
    "{type: upsample, size: 13, mode: bicubic, align_corners: true}": (
        lambda x: functional.interpolate(x, size=13, mode="bicubic", align_corners=True)
    ),
    "{type: crop, amount: 1}": lambda x: x[:, :, 1:-1, 1:-1],
    "{type: pad, padding: 1}": lambda x: functional.pad(x, (1,) * 4),
    "{type: pad, padding: 1, mode: reflect}": lambda x: functional.pad(x, (1,) * 4, "reflect"),
    "{type: pad, padding: 1, mode: replicate}": lambda x: functional.pad(x, (1,) * 4, "replicate"),
    "{type: pad, padding: 1, mode: circular}": lambda x: functional.pad(x, (1,) * 4, "circular"),
    "{type: slice, channels: [1, 3]}": lambda x: x[:, 1:3],
    "{type: channel_shuffle, groups: 2}": nn.ChannelShuffle(2),
    "{type: space_to_depth, factor: 2}": nn.PixelUnshuffle(2),
    "{type: pixel_shuffle, factor: 2}": nn.PixelShuffle(2),
    "{type: flatten}": nn.Flatten(),
    "{type: reshape, shape: [2, 8, 16]}": lambda x: x.reshape(-1, 2, 8, 16),
    "{type: relu}": functional.relu,
    "{type: lrn}": nn.LocalResponseNorm(5),
    "{type: softmax}": nn.Softmax(1),
    "{type: concat, from: [x, other]}": lambda x: torch.cat([x, OTHER], 1),
    "{type: add, from: [x, other]}": lambda x: x + OTHER,
    "{type: add, from: [x, x]}": lambda x: x + x,
    "{type: add, from: [x, one]}": lambda x: x + OTHER[:, :, :1, :1],
    "{type: mul, from: [x, other]}": lambda x: x * OTHER,
    "{type: maximum, from: [x, other]}": lambda x: torch.maximum(x, OTHER),
}
OTHER = torch.randn(5, 4, 8, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def changes(between):
    """Whether the normalized output changes with a bias in each channel, of either sign."""
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(5, 4, 8, 8, generator=draw, dtype=torch.float64)
    bias = torch.tensor([3.0, -2.0, 0.5, -7.0], dtype=torch.float64).reshape(1, 4, 1, 1)

    def normalized(given):
        out = between(given)
        return functional.batch_norm(out, None, None, training=True)

    return not torch.allclose(normalized(x), normalized(x + bias), atol=1e-9)


def biases_found(between, behind=""):
    network = cnncalc.loads(f"""
name: net
input: [3, 8, 8]
layers:
  - {{name: other, type: conv, out_channels: 4, kernel_size: 1, bias: false}}
  - {{name: one, type: global_avg_pool}}
  - {{name: x, type: conv, out_channels: 4, kernel_size: 1, from: input}}
  - {between}
{behind or "  - batch_norm"}
""")
    found = cnncalc.lint(network, select=["CNN401"])
    return [name for finding in found for name in finding.layers]


@pytest.mark.parametrize("between", BETWEEN)
def test_a_bias_that_changes_nothing_is_found_and_no_other(between):
    expected = [] if changes(BETWEEN[between]) else ["x"]
    assert biases_found(between) == expected


def test_both_happen():
    changed = {between for between in BETWEEN if changes(BETWEEN[between])}
    assert len(changed) >= 8 and len(BETWEEN) - len(changed) >= 20


def test_another_reader_behind_a_concatenation_keeps_the_bias():
    joined = "{name: joined, type: concat, from: [x, other]}"
    assert biases_found(joined, "  - batch_norm\n  - {type: relu, from: joined}") == []
    assert biases_found(joined, "  - dropout\n  - batch_norm\n  - {type: relu}") == ["x"]


def test_a_trunk_of_sums_that_only_norms_read():
    # As in a ResNet with activations first: every sum goes to a norm and to the next sum.
    trunk = """
  - {name: n1, type: batch_norm}
  - {name: r1, type: relu}
  - {name: y, type: conv, out_channels: 4, kernel_size: 3, padding: 1}
  - {name: sum, type: add, from: [x, y]}
"""
    assert biases_found("{type: identity, name: i}", trunk + "  - batch_norm") == ["x", "y"]
    assert biases_found("{type: identity, name: i}", trunk + "  - relu") == []


def test_shared_weights_are_undone_everywhere_or_not_at_all():
    loads = """
name: net
input: [3, 8, 8]
layers:
  - {{name: x, type: conv, out_channels: 4, kernel_size: 1}}
  - batch_norm
  - {{name: y, type: conv, out_channels: 4, kernel_size: 1, shares: x, from: input}}
  - {behind}
"""
    for behind, layers in (("batch_norm", [("x",)]), ("relu", [])):
        found = cnncalc.lint(cnncalc.loads(loads.format(behind=behind)), select=["CNN401"])
        assert [finding.layers for finding in found] == layers


def test_the_norms_are_named():
    network = cnncalc.loads("""
name: net
input: [3, 8, 8]
layers:
  - {name: x, type: conv, out_channels: 4, kernel_size: 1}
  - dropout
  - {name: bn, type: batch_norm}
""")
    (finding,) = cnncalc.lint(network, select=["CNN401"])
    expected = (
        "'bn' takes off with the mean what its 4 biases add, which the layers between pass on"
    )
    assert finding.found == expected
