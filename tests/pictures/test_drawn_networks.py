"""Drawings of networks: the cone of an axis and the field on the input, against index loops."""

import base64
import json
import math
import re
import time
from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from oracle import sizes_of, trace
from oracle_paths import paths_to
from random_networks import SMALL, SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc import UsageError, zoo
from cnncalc.analysis.analysis import trace_of
from cnncalc.cli.application import run
from cnncalc.pictures.drawings.cone import cone_drawing
from cnncalc.pictures.drawings.cone_rows import MOST_PHASES, cone_of
from cnncalc.pictures.drawings.networks import draw_cone, draw_field
from cnncalc.pictures.drawings.svg import THEMES

SEEDS = range(60)
LIMITS = {"phases": SMALL, "by units": SMALL_BY_UNITS}


def random_cones(seed, limits):
    """The cones of some layers of a random network, with the oracle's paths."""
    description = generate(seed, limits=LIMITS[limits])
    traced = trace(description)
    network = cnncalc.loads(to_yaml(description))
    known = trace_of(network, None)
    for name, layer in list(traced.layers.items())[1:]:
        if any(layer.global_axes):
            continue
        for axis, size in enumerate(layer.shape[1:]):
            unit = (seed * 7) % size
            if layer.fields[axis].reads(unit):
                cone = cone_of(known, network.index(name), axis, unit)
                yield cone, paths_to(traced, name, axis, unit), layer.fields[axis].reads(unit)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_paths_of_a_cone_are_those_of_an_index_loop(seed, limits):
    for cone, paths, pixels in random_cones(seed, limits):
        for row in cone.rows:
            numbers = {row.first + at: count for at, count in enumerate(row.paths) if count}
            assert numbers == paths[row.layer]
        assert cone.rows[-1].layer == "input"
        assert {*paths["input"]} == pixels
        assert len(cone.rows) + cone.passed == len(paths)


SVG = "{http://www.w3.org/2000/svg}"
RUN = re.compile(r"([Mm])(-?\d+) \S+?h(\d+)")


def tones_of(group):
    """The tone of every unit that a row marks, by its paths alone."""
    tones = {}
    for path in group:
        at = 0
        for move, start, units in RUN.findall(path.get("d")) if path.get("class") != "map" else ():
            at = int(start) + (at if move == "m" else 0)
            tones |= dict.fromkeys(range(at, at + int(units)), int(path.get("class")[1:]))
            at += int(units)
    return tones


def rows_of(drawing):
    """The rows of a drawn cone by their layers."""
    groups = ElementTree.fromstring(drawing).iter(f"{SVG}g")
    return {group.get("data-layer"): group for group in groups if group.get("class") == "row"}


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_marks_of_a_drawn_cone(seed, limits):
    """A unit has a tone if any path reaches it: the n-th eighth of the row's largest number."""
    for cone, paths, _ in random_cones(seed, limits):
        drawn = rows_of(cone_drawing(cone, "a title", "a line", THEMES["dark"]))
        assert drawn
        for layer, group in drawn.items():
            most = max(paths[layer].values())
            expected = {unit: math.ceil(8 * Fraction(n, most)) for unit, n in paths[layer].items()}
            assert tones_of(group) == expected
            ends = int(group.get("data-first")), int(group.get("data-last"))
            assert ends == (min(expected), max(expected))


def fields_of(drawing):
    """The field of a drawing: first and last pixel per axis."""
    root = ElementTree.fromstring(drawing)
    (field,) = [path for path in root.iter(f"{SVG}path") if path.get("class") == "field"]
    return [tuple(map(int, field.get(name).split(","))) for name in ("data-first", "data-last")]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_a_drawn_field_is_that_of_box_and_of_the_oracle(seed, limits):
    description = generate(seed, limits=LIMITS[limits])
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    for name, layer in list(traced.layers.items())[1:]:
        unit = tuple((seed + 3 * axis) % size for axis, size in enumerate(sizes_of(layer)))
        sets = [field.reads(at) for field, at in zip(layer.fields, unit, strict=True)]
        if not all(sets):
            with pytest.raises(UsageError, match="reads nothing"):
                draw_field(network, name, unit)
            continue
        if len(unit) == 3:
            with pytest.raises(UsageError, match="a field is drawn on one or two; draw its cone"):
                draw_field(network, name, unit)
            continue
        first, last = fields_of(draw_field(network, name, unit).svg)
        assert (first, last) == (tuple(map(min, sets)), tuple(map(max, sets)))
        sides = cnncalc.unit_box(network, name, unit).sides
        assert first == tuple(side.first for side in sides)
        assert last == tuple(side.last for side in sides)


GAPS = re.compile(r"M(\S+) (\S+?)h(\S+?)v(\S+?)h")


@pytest.mark.parametrize("seed", SEEDS)
def test_blank_stripes_are_the_pixels_that_no_path_reads(seed):
    """From their places on the drawing, with the frame of the image for its scale."""
    description = generate(seed)
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    for name, layer in list(traced.layers.items())[1:]:
        unit = tuple(size // 2 for size in sizes_of(layer))
        sets = [field.reads(at) for field, at in zip(layer.fields, unit, strict=True)]
        if len(unit) != 2 or not all(sets):
            continue
        root = ElementTree.fromstring(draw_field(network, name).svg)
        paths = {path.get("class"): path.get("d") for path in root.iter(f"{SVG}path")}
        x, y, width, height = map(float, GAPS.match(paths["frame"]).groups())
        scale = width / traced.layers["input"].shape[2]
        assert scale == pytest.approx(height / traced.layers["input"].shape[1], abs=0.01)
        blank = [set(), set()]
        down, across = ({*range(min(read), max(read) + 1)} for read in sets)
        for place in GAPS.findall(paths.get("gap", "")):
            left, top, wide, high = map(float, place)
            rows = {*range(round((top - y) / scale), round((top - y + high) / scale))}
            columns = {*range(round((left - x) / scale), round((left - x + wide) / scale))}
            assert rows == down or columns == across
            blank[rows == down] |= columns if rows == down else rows
        assert blank == [down - sets[0], across - sets[1]]


@pytest.mark.parametrize("name", [name for name, _ in zoo.by_family()])
def test_drawings_of_built_in_networks_are_small_and_valid(name):
    network = cnncalc.load(name)
    report = cnncalc.analyze(network)
    local = [layer for layer in report if not layer.is_global and all(layer.rf)]
    for layer in [
        *report.layers[:: len(report) // 6 + 1],
        *local[-1:],
        *local[len(local) // 2 :][:1],
    ]:
        for draw, theme in ((draw_field, "light"), (draw_cone, "dark")):
            try:
                drawing = draw(network, layer.layer, theme=theme).svg
            except UsageError as refusal:
                assert "\n" not in str(refusal)
                assert layer not in local or "tokens" in str(refusal)
                continue
            assert len(drawing.encode()) <= 30_000
            root = ElementTree.fromstring(drawing)
            assert root.find(f"{SVG}title").text.startswith(name)


def test_a_hostile_name_stays_text():
    name = "</title><script>alert(1)</script>&\"'"
    text = (
        'name: "</svg>"\ninput: [1, 9, 9]\nlayers:\n'
        f"  - {{name: {json.dumps(name)}, type: conv, out_channels: 1, kernel_size: 3}}"
    )
    network = cnncalc.loads(text)
    for draw in (draw_field, draw_cone):
        root = ElementTree.fromstring(draw(network, name).svg)
        assert not [*root.iter(f"{SVG}script")]
        assert root.find(f"{SVG}title").text.startswith(f"</svg> {name}: what unit ")


HUGE = """\
name: huge
input: [1, 100000000000, 1000000]
layers:
  - {name: wide, type: conv, out_channels: 1, kernel_size: 1000000000, padding: same}
  - {name: gaps, type: conv, out_channels: 1, kernel_size: 3, dilation: 100000000, padding: same}
  - {name: comb, type: conv, out_channels: 1, kernel_size: 2000, dilation: 2, padding: 100000}
"""


def test_huge_spans_take_no_time():
    network = cnncalc.loads(HUGE)
    start = time.perf_counter()
    for layer in ("wide", "gaps", "comb"):
        first, last = fields_of(draw_field(network, layer).svg)
        sides = cnncalc.unit_box(
            network, layer, [n // 2 for n in network_sizes(network, layer)]
        ).sides
        assert (first[0], last[0]) == (sides[0].first, sides[0].last)
        assert sides[0].pixels >= 10**9
        with pytest.raises(UsageError, match="over 4,000,000 reads of units, too many to draw"):
            draw_cone(network, layer)
    assert time.perf_counter() - start < 3


def network_sizes(network, layer):
    """The sizes of a layer's map."""
    return cnncalc.analyze(network)[layer].out_shape[1:]


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a..", "gif"),
        (b"RIFF....WEBPVP8", "webp"),
    ],
)
def test_a_picture_beneath_the_field(content, kind, tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(content)
    root = ElementTree.fromstring(draw_field("vgg16", "conv5_3", (7, 3), image=path).svg)
    (image,) = root.iter(f"{SVG}image")
    head, _, packed = image.get("href").partition(",")
    assert head == f"data:image/{kind};base64" and base64.b64decode(packed) == content
    frame = next(each for each in root.iter(f"{SVG}path") if each.get("class") == "frame")
    place = [image.get(name) for name in ("x", "y", "width", "height")]
    assert list(GAPS.match(frame.get("d")).groups()) == place


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("text", "is no picture that a drawing can hold: PNG, JPEG, GIF or WebP"),
        ("none", "cannot read the picture '.*': No such file or directory"),
        (".", "cannot read the picture '.*': Is a directory"),
        ("large", "picture '.*' is over 16.00 MiB; make it smaller first"),
    ],
)
def test_what_is_no_picture(image, message, tmp_path):
    (tmp_path / "text").write_text("<svg/>")
    with open(tmp_path / "large", "wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(UsageError, match=message):
        draw_field("lenet5", "C3", image=tmp_path / image)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg16", "fc6"), "layer 'fc6' reads a whole map: no unit of it has a place on axis h"),
        (("vit_b_16", "encoder.ln"), "layer 'encoder.ln' has tokens: no unit of it has a place"),
        (("vgg16", "conv5_3", 14), "there is no unit 14 on axis h, which has units 0 to 13"),
        (("vgg16", "conv5_3", -1), "there is no unit -1 on axis h, which has units 0 to 13"),
        (("vgg16", "conv9"), "'conv9'"),
        (("vgg16", "input"), "the input reads nothing; name a layer"),
    ],
)
def test_what_has_no_cone(arguments, message):
    with pytest.raises(UsageError, match=message):
        draw_cone(*arguments)


def test_axes_and_themes_by_name():
    with pytest.raises(UsageError, match="vgg16 has no axis 'd'; use h, w"):
        draw_cone("vgg16", "conv5_3", axis="d")
    with pytest.raises(UsageError, match="no theme is called 'darkk'; did you mean 'dark'"):
        draw_field("vgg16", "conv5_3", theme="darkk")
    wide = draw_cone("vgg16", "conv5_3", (3, 9), axis="w").svg
    assert tones_of(rows_of(wide)["conv5_3"]) == {9: 8}


def test_a_layer_s_map_in_place_of_the_input():
    """Three 3x3 convolutions after conv5_1's: 5 of its units, from 5 to 9."""
    drawing = draw_field("vgg16", "conv5_3", 7, from_layer="conv5_1").svg
    assert fields_of(drawing) == [(5, 5), (9, 9)]
    rows = rows_of(draw_cone("vgg16", "conv5_3", 7, from_layer="conv5_1").svg)
    assert list(rows) == ["conv5_3", "conv5_2", "conv5_1"]
    assert sorted(tones_of(rows["conv5_1"])) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_paths_of_all_units_where_they_differ(seed, limits):
    """A checkerboard: units of a layer that are made of more paths than their neighbours."""
    description = generate(seed, limits=LIMITS[limits])
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    for name, layer in list(traced.layers.items())[1:]:
        if any(layer.global_axes) or not layer.fields[0].reads(layer.shape[1] // 2):
            continue
        root = ElementTree.fromstring(draw_cone(network, name).svg)
        drawn = [group for group in root.iter(f"{SVG}g") if group.get("class") == "units"]
        field = layer.fields[0]
        period = 1 if field.units or field.period > MOST_PHASES else field.period
        totals = [
            paths_to(traced, name, 0, unit).get("input", Counter()).total()
            for unit in range(period)
        ]
        assert len(drawn) == (len({*totals}) > 1)
        for group in drawn:
            tones = tones_of(group)
            shown = range(int(group.get("data-first")), int(group.get("data-last")) + 1)
            most = max(totals[unit % period] for unit in shown)
            for unit in shown:
                expected = math.ceil(8 * Fraction(totals[unit % period], most))
                assert tones.get(unit, 0) == expected


def run_to_file(tmp_path, *arguments):
    """The drawing that a command writes."""
    path = tmp_path / "drawing.svg"
    assert run(["draw", *arguments, "-o", str(path)]) == 0
    return path.read_text(encoding="utf-8")


def test_the_command_draws_what_the_library_draws(tmp_path, capsys):
    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG)
    assert run_to_file(tmp_path, "vgg16", "conv5_3", "7,7") == draw_field("vgg16", "conv5_3", 7).svg
    drawing = run_to_file(tmp_path, "vgg16", "conv5_3", "--image", str(photo), "--theme", "dark")
    assert drawing == draw_field("vgg16", "conv5_3", image=photo, theme="dark").svg
    drawing = run_to_file(tmp_path, "VGG-16", "conv5_3", "2", "--cone", "--axis", "w")
    assert drawing == draw_cone("vgg16", "conv5_3", 2, axis="w").svg
    drawing = run_to_file(tmp_path, "--spec", "3,1,1 3,2,1", "layer2", "--input", "20", "--cone")
    assert sorted(tones_of(rows_of(drawing)["input"])) == [8, 9, 10, 11, 12]
    assert run(["draw", "vgg16", "conv5_3", "7,7", "--from", "conv5_1"]) == 0
    assert fields_of(capsys.readouterr().out) == [(5, 5), (9, 9)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("vgg16", "Give the LAYER whose unit is meant."),
        ("vgg16 conv5_3 7,7 --axis h", "--axis is for --cone; a field is drawn on all axes."),
        ("vgg16 conv5_3 --cone --with-global", "--with-global is for a field"),
        ("vgg16 conv5_3 --cone --image x.png", "--image is for a field"),
        ("vgg16 conv5_3 14,2", "there is no unit 14 on axis h, which has units 0 to 13"),
        ("vgg16 conv5_3 -1,2 --cone", "there is no unit -1 on axis h"),
        ("vgg16 fc6 --cone", "layer 'fc6' reads a whole map"),
    ],
)
def test_what_the_command_refuses(arguments, message, capsys):
    assert run(["draw", *arguments.split()]) == 2
    captured = capsys.readouterr()
    assert message in captured.err and not captured.out


def test_a_notebook_shows_drawings_by_themselves():
    drawing = draw_cone("lenet5", "C3")
    packed = re.fullmatch(r'<img src="data:image/svg\+xml;base64,(.*)">', drawing._repr_html_())[1]
    assert base64.b64decode(packed).decode() == drawing.svg
    assert repr(drawing) == f"<drawing of lenet5, C3: {len(drawing.svg):,} characters>"
