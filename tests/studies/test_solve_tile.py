"""`solve tile`: tiles are put together, and compared with the whole unit by unit, tap by tap."""

import json
import random
import re

import pytest
from random_networks import generate, to_yaml
from stitched import Origins, traced_at

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.solve.tile import tiling
from cnncalc.studies.solve.tile_stitching import Stitching

SEEDS = range(150)


def up_to(description, name):
    """The description without the layers behind one."""
    names = [layer["name"] for layer in description["layers"]]
    return {**description, "layers": description["layers"][: names.index(name) + 1]}


def asked(description, rng):
    """A tile and an image that may suit the network."""
    axes = len(description["input"]) - 1
    tile = [rng.randint(10, 34 if axes < 3 else 16) for _ in range(axes)]
    image = [size + rng.choice((0, 1, 5, 8, 12, 24, 31)) for size in tile]
    return tile, image


def check_axis(network, answer, image, axis):
    """Every unit that is kept is made of the same as in the whole image, and every one is kept."""
    origins, along = Origins(network, axis), answer.axes[axis]
    tiles, name = along.tiles, answer.layer
    whole = origins.of(traced_at(network, image), 0, image[axis], image[axis])[name]
    assert [tile.output_from for tile in tiles] == [0, *(tile.output_to for tile in tiles[:-1])]
    assert tiles[-1].output_to == len(whole)
    assert tiles[-1].start + tiles[-1].size == image[axis]
    for tile in tiles:
        sizes = [each.tiles[0].size for each in answer.axes]
        sizes[axis] = tile.size
        assert tile.size <= along.tile and tile.start % along.alignment == 0
        piece = origins.of(traced_at(network, sizes), tile.start, tile.size, image[axis])[name]
        kept = piece[tile.keep_from : tile.keep_to]
        assert kept == whole[tile.output_from : tile.output_to], (tile, along)
        assert len(kept) == tile.keep_to - tile.keep_from > 0
    return len(tiles) > 1


def check_fields(network, answer, image):
    """The pixels that a kept unit reads lie within its tile, or outside of the image."""
    layer = traced_at(network, image).layers[answer.layer]
    for axis, along in enumerate(answer.axes):
        for tile in along.tiles:
            mine = range(tile.start, tile.start + tile.size)
            for unit in range(tile.output_from, tile.output_to):
                reads = layer.fields[axis].reads(unit)
                assert all(pixel in mine for pixel in reads if 0 <= pixel < image[axis])


def check(description, tile, image):
    """How many axes are cut into several tiles; 0 where the tiling is refused."""
    network = cnncalc.loads(to_yaml(description))
    try:
        answer = tiling(network, tile, image="x".join(map(str, image)))
    except cnncalc.UsageError:
        return 0
    several = [check_axis(description, answer, image, axis) for axis in range(len(image))]
    check_fields(description, answer, image)
    return sum(several)


TILED = {}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_networks(seed):
    rng = random.Random(seed)
    description = generate(seed)
    for layer in description["layers"]:
        part = up_to(description, layer["name"])
        tile, image = asked(part, rng)
        if traced_at(part, image) and check(part, tile, image):
            for each in part["layers"]:
                TILED[each["type"]] = TILED.get(each["type"], 0) + 1


def test_enough_was_tiled():
    """The tests above themselves: most kinds that work on surroundings were among the tiled."""
    if sum(TILED.values()) < 200:
        pytest.skip("only some of the random networks were run")
    kinds = {"conv", "depthwise_conv", "conv_transpose", "max_pool", "avg_pool", "max_unpool"}
    kinds |= {"upsample", "pad", "crop", "pixel_shuffle", "space_to_depth", "concat", "add"}
    assert kinds <= set(TILED)


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_no_unit_more_could_be_kept(seed):
    """In a tile far from the image's edges, the units next to the clean ones are not clean."""
    rng = random.Random(seed)
    description = generate(seed)
    for layer in description["layers"]:
        part = up_to(description, layer["name"])
        sizes, _ = asked(part, rng)
        network = cnncalc.loads(to_yaml(part))
        try:
            answer = tiling(network, sizes)
        except cnncalc.UsageError:
            continue
        for axis, along in enumerate(answer.axes):
            check_span(part, network, answer, sizes, axis, along)


def check_span(description, network, answer, sizes, axis, along):
    start = -(-150 // along.alignment) * along.alignment
    image = [*sizes[:axis], sizes[axis] + 2 * start, *sizes[axis + 1 :]]
    traced = traced_at(description, image)
    if traced is None:
        return
    origins, length = Origins(description, axis), image[axis]
    whole = origins.of(traced, 0, length, length)[answer.layer]
    piece = origins.of(traced_at(description, sizes), start, sizes[axis], length)[answer.layer]
    offset = start // along.alignment * along.units
    clean = {unit for unit, made_of in enumerate(piece) if made_of == whole[offset + unit]}
    span = Stitching(network, None, tuple(sizes)).spans[axis][len(network.nodes)]
    assert set(range(span.first, span.end)) <= clean
    assert not {span.first - 1, span.end} & clean


def test_where_a_pool_found_its_values_counts():
    """The unpooled map takes places from a pool that its own values do not come from."""
    layers = [
        {"name": "a", "type": "conv", "out_channels": 2, "kernel_size": 9, "padding": 4},
        {"name": "pool", "type": "max_pool", "kernel_size": 2},
        {"name": "b", "type": "conv", "out_channels": 2, "kernel_size": 2, "stride": 2},
        {"name": "unpool", "type": "max_unpool", "pool": "pool"},
    ]
    sources = ["input", "a", "input", "b"]
    layers = [{**layer, "from": [name]} for layer, name in zip(layers, sources, strict=True)]
    description = {"name": "unpool", "input": [1, 60], "layers": layers}
    assert check(description, [20], [60]) == 1
    axis = tiling(cnncalc.loads(to_yaml(description)), 20).axes[0]
    assert axis.halo == (4, 4)
    # The pool's own map moves by whole units only with every third of its strides.
    layers[0] |= {"stride": 3, "padding": 3}
    layers.insert(1, {"name": "up", "type": "upsample", "from": ["a"], "scale_factor": 3})
    layers[2] |= {"from": ["up"]}
    assert tiling(cnncalc.loads(to_yaml(description)), 60).axes[0].alignment == 6
    assert check(description, [60], [96]) == 1


def test_vgg16_by_hand():
    """conv5_3 and pool5 read 90 pixels before their cell, 100 behind it at stride 32 (212 in all):
    3 units of 32 pixels are not right before, nor behind, of the 16 of a tile of 512.
    """
    axis = tiling(cnncalc.load("vgg16"), 512, layer="pool5", image=2048).axes[0]
    assert (axis.alignment, axis.units, axis.step) == (32, 1, 320)
    assert (axis.reach, axis.halo) == ((90, 90), (96, 96))
    assert [tile.start for tile in axis.tiles] == [0, 320, 640, 960, 1280, 1536]
    second = axis.tiles[1]
    assert (second.keep_from, second.keep_to) == (3, 13)
    assert (second.output_from, second.output_to) == (13, 23)


def test_one_convolution_by_hand():
    """3-wide, padded by 1: one pixel of halo on each side, and 8 of 10 units a tile."""
    network = cnncalc.loads(
        "name: c\ninput: [1, 30]\nlayers:\n"
        "  - {type: conv, out_channels: 1, kernel_size: 3, padding: 1}\n"
    )
    axis = tiling(network, 10, image=27).axes[0]
    kept = [(tile.start, tile.size, tile.keep_from, tile.keep_to) for tile in axis.tiles]
    assert kept == [(0, 10, 0, 9), (8, 10, 1, 9), (16, 10, 1, 2), (17, 10, 1, 10)]
    assert tiling(network, 10, image=10).axes[0].step is None
    assert tiling(network, 100, image=10).axes[0].tile == 10
    # 4 tiles of 10 units, 3 MACs each, against 27 · 3.
    assert tiling(network, 10, image=27).macs == (40, 27)
    with pytest.raises(cnncalc.UsageError, match=r"the least tile that works is 3$"):
        tiling(network, 2)


def works(network, tile, image):
    try:
        tiling(network, tile, image=image)
    except cnncalc.UsageError:
        return False
    return True


def check_least(network, tile, image, most):
    """What is told in place of a tile against all tiles up to `most`, one by one; None if it fits.

    A tile of several sizes is told of one axis.
    """
    try:
        tiling(network, tile, image=image)
    except cnncalc.UsageError as error:
        told = str(error)
    else:
        return None
    sizes = [tile] * network.axes if isinstance(tile, int) else list(tile)
    axes = "lhw"[network.axes == 2 :]
    axis = axes.index(told[-1]) if " on axis " in told[-10:] and told[-1] in axes else None
    alone = [None] if len(set(sizes)) == 1 else [*range(len(sizes)), None]
    if "; no tile " in told:
        tried = [fitting_sizes(network, sizes, axis, image, range(1, most)) for axis in alone]
        assert not any(tried), told
        return "none"
    if "only the whole image in one tile works" in told:
        whole = max(image) if axis is None else image[axis]
        assert fitting_sizes(network, sizes, axis, image, range(1, whole + 1)) == [whole], told
        return "whole"
    if "least" not in told:
        return "never"
    least = int(re.search(r"the least tile that works is (\d+)", told)[1])
    asked = 0 if told.endswith("on every axis") else sizes[axis or 0]
    if least < asked:
        above = int(re.search(rf"the next one above {asked} (\d+)", told)[1])
        later = fitting_sizes(network, sizes, axis, image, range(asked + 1, above + 1))
        assert later == [above], told
    assert fitting_sizes(network, sizes, axis, image, range(1, least + 1)) == [least], told
    return "least"


def fitting_sizes(network, sizes, axis, image, tried):
    """Those sizes of one axis, or of all, that fit, tried one by one."""

    def varied(size):
        return [size if axis in (None, place) else old for place, old in enumerate(sizes)]

    return [size for size in tried if works(network, varied(size), image)]


@pytest.mark.parametrize("seed", range(80))
def test_the_least_tile_by_trying_all(seed):
    rng = random.Random(seed)
    description = generate(seed)
    layers = [each["name"] for each in description["layers"]]
    network = cnncalc.loads(to_yaml(up_to(description, rng.choice(layers))))
    if network.axes == 3:
        return
    for _ in range(3):
        tile = rng.choice([rng.randint(1, 30), [rng.randint(1, 30) for _ in range(network.axes)]])
        image = rng.choice([None, [rng.randint(8, 40) for _ in range(network.axes)]])
        kind = check_least(network, tile, image, 45)
        LEAST[kind] = LEAST.get(kind, 0) + 1


LEAST = {}


def test_a_search_for_the_least_tile_is_bounded():
    layers = "  - {type: conv, out_channels: 1, kernel_size: 3, stride: %d}\n"
    text = "name: far\ninput: [1, 9]\nlayers:\n" + "".join(layers % size for size in (97, 89, 83))
    with pytest.raises(cnncalc.UsageError, match=r"; one of \d+ works$") as refused:
        tiling(cnncalc.loads(text), 40)
    assert works(cnncalc.loads(text), int(str(refused.value).split()[-2]), None)


def test_enough_least_tiles_were_told():
    if sum(LEAST.values()) < 120:
        pytest.skip("only some of the random networks were run")
    assert LEAST["least"] > 20 and LEAST.get("whole", 0) + LEAST.get("none", 0) > 3


LAYERS = """
name: net
input: [2, 40, 40]
layers:
  - {{name: conv, type: conv, out_channels: 4, kernel_size: 3, padding: 1}}
  - {layer}
  - {{name: last, type: conv, out_channels: 2, kernel_size: 1}}
"""
MAP = "tiles do up to layer 'conv'"


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("{name: x, type: global_avg_pool}", f"'x' reads its whole map; {MAP}"),
        ("{name: x, type: adaptive_avg_pool, output_size: 1}", f"'x' reads its whole map; {MAP}"),
        ("{name: x, type: instance_norm}", f"'x' normalizes by statistics of the whole map; {MAP}"),
        ("{name: x, type: group_norm, num_groups: 2}", "'x' normalizes by statistics"),
        ("{name: x, type: batch_norm, track_running_stats: false}", "'x' normalizes by statistics"),
        ("{name: x, type: softmax, dim: 2}", "'x' may sum along an axis of the map"),
        ("{name: x, type: pad, padding: 1, mode: reflect}", "'x' pads by reflect"),
        (
            "{name: x, type: adaptive_avg_pool, output_size: 7}",
            "what layer 'x' reads depends on the",
        ),
        ("{name: x, type: upsample, size: 50}", "what layer 'x' reads depends on the"),
        (
            "{name: x, type: upsample, scale_factor: 2, mode: bilinear, align_corners: true}",
            "'x' reads",
        ),
    ],
)
def test_refused_layers(layer, reason):
    with pytest.raises(cnncalc.UsageError, match=reason):
        tiling(cnncalc.loads(LAYERS.format(layer=layer)), 16)


@pytest.mark.parametrize(
    "layer",
    [
        "{name: x, type: batch_norm}",
        "{name: x, type: layer_norm}",
        "{name: x, type: softmax, dim: 1}",
        "{name: x, type: instance_norm, track_running_stats: true}",
        "{name: x, type: pad, padding: 1, mode: replicate}",
    ],
)
def test_layers_that_tiles_suit(layer):
    assert tiling(cnncalc.loads(LAYERS.format(layer=layer)), 16).axes[0].tiles


def test_same_padding_agrees_where_sizes_do():
    """At stride 2, a 3-wide window pads before an odd size, not before an even one."""
    network = cnncalc.loads(
        "name: s\ninput: [1, 64]\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 1, kernel_size: 3, stride: 2, padding: same}\n"
    )
    assert len(tiling(network, 16, image=64).axes[0].tiles) > 1
    with pytest.raises(cnncalc.UsageError, match="differ by a multiple of 2"):
        tiling(network, 16, image=65)
    assert len(tiling(network, 17, image=65).axes[0].tiles) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tile": 0}, "tile must be one size"),
        (
            {"tile": (1, 2, 3)},
            r"tile must be one number, or one per axis \(h, w\), not \(1, 2, 3\)",
        ),
        ({"tile": 512}, "'fc6' reads its whole map; tiles do up to layer 'pool5'"),
        ({"tile": 512, "layer": "input"}, "for the output of a layer"),
        ({"tile": 16, "layer": "pool5"}, "a tile of 16×16 is refused"),
        ({"tile": 512, "layer": "pool5", "image": "?x?"}, "image must be one size"),
        ({"tile": 224, "layer": "pool5", "image": 10**12}, "more than 100,000 tiles"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        tiling(cnncalc.load("vgg16"), **arguments)


def test_command_line(capsys):
    call = ["solve", "tile", "vgg16", "--layer", "pool5", "--tile", "512"]
    assert run([*call, "--input", "2048", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "axis,tile,start,size,keep_from,keep_to,output_from,output_to"
    assert lines[2] == "h,2,320,512,3,13,13,23"
    assert run([*call, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["layer"], told["axes"][0]["step"]) == (1, "pool5", 320)
    for form in ("markdown", "tsv", "table"):
        assert run([*call, "--format", form]) == 0
        assert capsys.readouterr().out
    assert run(["solve", "tile", "unet", "--tile", "572"]) == 0
    assert "572 + 384·i" in capsys.readouterr().out
    assert run(["solve", "tile", "vgg16", "--tile", "512"]) == 2
    assert "fc6" in capsys.readouterr().err
