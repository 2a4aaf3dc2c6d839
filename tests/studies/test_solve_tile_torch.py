"""`solve tile` by PyTorch: tiles run one by one and put together are the whole, to the last bit.

Weights and pixels are small whole numbers, kept as doubles, so that no order of summing rounds.
"""

import itertools

import pytest
from random_networks import to_yaml
from stitched import traced_at
from torch_networks import TorchNetwork

import cnncalc
from cnncalc.studies.solve.tile import tiling

torch = pytest.importorskip("torch", reason="the tiles are run by PyTorch")


def layer(name, kind, *sources, **attributes):
    return {"name": name, "type": kind, "from": list(sources), **attributes}


def conv(name, source, channels=3, kernel=3, **attributes):
    return layer(name, "conv", source, out_channels=channels, kernel_size=kernel, **attributes)


UNET = [
    conv("a", "input", padding=1),
    layer("relu", "relu", "a"),
    layer("down", "max_pool", "relu", kernel_size=2),
    conv("b", "down", padding=1),
    layer("down2", "max_pool", "b", kernel_size=2),
    conv("c", "down2", dilation=2, padding=2),
    layer("up", "conv_transpose", "c", out_channels=3, kernel_size=2, stride=2),
    layer("join", "concat", "b", "up"),
    layer("up2", "conv_transpose", "join", out_channels=3, kernel_size=4, stride=2, padding=1),
    layer("sum", "add", "a", "up2"),
    conv("d", "sum", channels=2, kernel=[3, 1], padding=[1, 0]),
]
VALID_UNET = [
    conv("a", "input"),
    layer("down", "max_pool", "a", kernel_size=2),
    conv("b", "down"),
    layer("up", "conv_transpose", "b", out_channels=2, kernel_size=2, stride=2),
    layer("crop", "crop", "a", amount=[[2, 2], [2, 2]]),
    layer("join", "concat", "crop", "up"),
    conv("c", "join"),
]
SEGNET = [
    conv("a", "input", padding=1),
    layer("pool", "max_pool", "a", kernel_size=2),
    conv("b", "pool", padding=1),
    layer("pool2", "max_pool", "b", kernel_size=3, stride=2, padding=1),
    conv("c", "pool2", padding=1),
    layer("unpool2", "max_unpool", "c", pool="pool2"),
    conv("d", "unpool2", padding=1),
    layer("unpool", "max_unpool", "d", pool="pool"),
    conv("e", "unpool", padding=1),
]
PADDED = [
    layer("pad", "pad", "input", padding=5),
    conv("a", "pad", kernel=4, stride=2),
    conv("b", "a", kernel=3, padding="same", dilation=2),
    layer("up", "upsample", "b", scale_factor=2, mode="bilinear"),
    layer("crop", "crop", "up", like="input", offset=4),
    conv("c", "crop", kernel=2, padding="same_lower"),
]
SHUFFLED = [
    layer("fold", "space_to_depth", "input", factor=2),
    conv("a", "fold", channels=8, padding="same", stride=2, kernel=5),
    layer("unfold", "pixel_shuffle", "a", factor=2),
    layer("deep", "depthwise_conv", "unfold", kernel_size=3, padding=[[0, 2], [1, 1]]),
    layer("near", "upsample", "deep", scale_factor=2),
    conv("b", "near", padding=1),
]

NETWORKS = [
    # network, tile and image
    (UNET, (40, 36), (72, 60)),
    (UNET, (44, 36), (60, 36)),
    (VALID_UNET, (26, 30), (50, 46)),
    (SEGNET, (44, 48), (80, 60)),
    (PADDED, (30, 40), (54, 64)),
    (SHUFFLED, (36, 52), (68, 88)),
]


def with_whole_numbers(network, generator):
    """The network with small whole numbers as parameters, doubles."""
    network = network.double().eval()
    for parameter in network.parameters():
        drawn = torch.randint(-1, 2, parameter.shape, generator=generator)
        parameter.data = drawn.double()
    return network


@pytest.fixture
def one_thread():
    """Where unpooled windows overlap, PyTorch keeps the value that its threads write last."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", range(len(NETWORKS)))
def test_stitched_output_is_that_of_the_whole(case):
    layers, tile, image = NETWORKS[case]
    description = {"name": "net", "input": [2, *image], "layers": layers}
    answer = tiling(cnncalc.loads(to_yaml(description)), tile, image=list(image))
    assert max(len(axis.tiles) for axis in answer.axes) > 1
    generator = torch.Generator().manual_seed(case)
    pixels = torch.randint(0, 4, (1, 2, *image), generator=generator).double()
    whole = with_whole_numbers(TorchNetwork(description, traced_at(description, image)), generator)
    with torch.no_grad():
        expected = whole(pixels)[answer.layer]
        stitched = torch.full_like(expected, torch.nan)
        for pair in itertools.product(*(axis.tiles for axis in answer.axes)):
            sizes = [tile.size for tile in pair]
            part = TorchNetwork(description, traced_at(description, sizes)).double().eval()
            part.load_state_dict(whole.state_dict())
            cut = [slice(tile.start, tile.start + tile.size) for tile in pair]
            keep = [slice(tile.keep_from, tile.keep_to) for tile in pair]
            place = [slice(tile.output_from, tile.output_to) for tile in pair]
            output = part(pixels[:, :, *cut])[answer.layer]
            assert stitched[:, :, *place].isnan().all()
            stitched[:, :, *place] = output[:, :, *keep]
    assert torch.equal(stitched, expected)
    assert expected.abs().max() < 2**50
    assert expected.unique().numel() > 10
