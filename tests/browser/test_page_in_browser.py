"""The page in a browser: what it marks is what `box` says and what the oracle's sets hold."""

import json
import math
import random
import re
import struct
import zlib
from fractions import Fraction

import browsers
import pytest
from oracle import sizes_of, trace
from random_networks import SMALL, SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.report.layer import exact

pytestmark = pytest.mark.skipif(browsers.missing() is not None, reason=str(browsers.missing()))

SEEDS = range(14)
LIMITS = {"phases": SMALL, "by units": SMALL_BY_UNITS}
UNITS, PIXELS = 24, 4

SELECT = """(asked) => asked.map(([layer, unit]) => {
  cnncalc.select(layer, unit);
  const { first, last, coverage } = document.getElementById("field").dataset;
  return [first, last, coverage];
})"""
READING = "(asked) => asked.map(([layer, pixel]) => cnncalc.reading(layer, pixel))"
DATASETS = """([selector, name]) =>
  [...document.querySelectorAll(selector)].map((node) => node.dataset[name])"""
SHOWN = """() => [...document.querySelectorAll("tr[data-layer]")]
  .filter((row) => !row.hidden).map((row) => row.dataset.layer)"""


@pytest.fixture(scope="module")
def tab(browser):
    return browsers.tab(browser, viewport={"width": 1280, "height": 800})


@pytest.fixture
def show(tab, tmp_path):
    """Opens the page of networks; at the end, nothing but its file was asked for."""
    paths = []

    def shown(*networks, **how):
        paths.append(tmp_path / f"{len(paths)}.html")
        made = cnncalc.page(*networks, **how)
        paths[-1].write_text(made.html, encoding="utf-8")
        return tab.open(paths[-1])

    yield shown
    assert not paths or tab.is_clean(paths[-1]), (tab.requests, tab.messages)


def marks(reads):
    """first, last and coverage as the page has to tell them of the pixels read on each axis."""
    if not all(reads):
        return ["", "", ""]
    shares = [len(pixels) / len(range(min(pixels), max(pixels) + 1)) for pixels in reads]
    return [
        ",".join(str(min(pixels)) for pixels in reads),
        ",".join(str(max(pixels)) for pixels in reads),
        shares,
    ]


def plain(told):
    """What the page tells, its shares as numbers."""
    first, last, coverage = told
    return [first, last, [float(share) for share in coverage.split(",")] if coverage else ""]


def box_marks(box):
    """The same of a box."""
    if box.sides is None:
        return ["", "", ""]
    return [
        ",".join(str(side.first) for side in box.sides),
        ",".join(str(side.last) for side in box.sides),
        [float(exact(side.coverage)) for side in box.sides],
    ]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_units_of_random_networks_read(show, seed, limits):
    """Of 28 networks, 1-D to 3-D: the oracle's sets, `box` and `box --pixel`."""
    rng = random.Random(seed)
    description = generate(seed, limits=LIMITS[limits])
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    names = [layer["name"] for layer in description["layers"]]
    layers = rng.choices(names, k=UNITS)
    asked, expected = [], []
    for name in layers:
        layer = traced.layers[name]
        place = [rng.randrange(size) for size in sizes_of(layer)]
        asked.append([name, place if len(layer.shape) > 1 else []])
        reads = [field.reads(at) for field, at in zip(layer.fields, place, strict=True)]
        expected.append(marks(reads))
        assert box_marks(cnncalc.unit_box(network, name, place)) == expected[-1]
    page = show(network)
    assert list(map(plain, page.evaluate(SELECT, asked))) == expected

    sizes = description["input"][1:]
    pixels = [(name, [rng.randrange(n) for n in sizes]) for name in layers[:PIXELS]]
    readers = [
        [
            [unit for unit in range(count) if at in field.reads(unit)]
            for field, count, at in zip(
                traced.layers[name].fields, sizes_of(traced.layers[name]), pixel, strict=True
            )
        ]
        for name, pixel in pixels
    ]
    assert page.evaluate(READING, pixels) == readers


BUILT_IN = ("vgg16", "deeplab_v2", "deeplab_v3plus", "fcn8s", "swin_t", "vit_b_16", "se_resnet50")


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_units_of_known_networks_read(show, name):
    """Gated, global, upsampled, windows of attention, tokens: as `box` says."""
    rng = random.Random(name)
    report = cnncalc.analyze(name)
    asked, expected = [], []
    for layer in rng.choices(report.layers, k=8):
        place = [rng.randrange(size) for size in layer.out_shape[1:]]
        asked.append([layer.layer, place])
        box = cnncalc.unit_box(name, layer.layer, place or 0)
        expected.append(box_marks(box))
    page = show(name)
    assert list(map(plain, page.evaluate(SELECT, asked))) == expected


def test_numbers_beyond_doubles(show):
    """10^17 pixels: neighbours that a double cannot tell apart."""
    network = cnncalc.loads(
        "name: wide\ninput: [1, 100000000000000003]\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 1, kernel_size: 3, padding: 1}\n"
        "  - {name: b, type: max_pool, kernel_size: 3, stride: 3}\n"
    )
    page = show(network)
    unit = 33333333333333333
    page.evaluate(f"cnncalc.select('b', ['{unit}'])")
    data = page.evaluate("({...document.getElementById('field').dataset})")
    # Unit u of b reads 3·u … 3·u + 2 of a, so 3·u − 1 … 3·u + 3.
    assert (data["first"], data["last"]) == (str(3 * unit - 1), str(3 * unit + 3))
    readers = page.evaluate(f"cnncalc.reading('b', ['{3 * unit}']).map((axis) => axis.map(String))")
    assert readers == [[str(unit - 1), str(unit)]]


def test_unknown_fields_have_their_reason(show):
    network = cnncalc.loads(
        "input: [4, 9, 9]\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 4, kernel_size: 1}\n"
        "  - {name: b, type: max_pool, kernel_size: 3, stride: 2, padding: 1}\n"
        "  - {name: c, type: upsample, size: 9, from: a}\n"
        "  - {name: d, type: upsample, size: 9, from: b}\n"
        "  - {name: e, type: add, from: [a, d]}\n"
    )
    page = show(network)
    with pytest.raises(cnncalc.UsageError) as refusal:
        cnncalc.unit_box(network, "e", 1)
    assert page.evaluate(SELECT, [["e", [1, 1]]]) == [["", "", ""]]
    assert page.inner_text(".facts .reason") == str(refusal.value)
    assert page.evaluate("cnncalc.reading('e', [1, 1])") is None


GAPS = """
name: gaps
input: [1, 24, 24]
layers:
  - {name: a, type: conv, out_channels: 1, kernel_size: [3, 2], dilation: [4, 3], padding: [4, 0]}
  - {name: b, type: conv, out_channels: 1, kernel_size: 2, stride: [2, 3]}
"""


@pytest.mark.parametrize("unit", [[0, 0], [3, 4], [9, 5]])
def test_marked_pixels_on_the_canvas(show, unit):
    """The colour at the middle of every pixel of the image tells whether it is marked."""
    page = show(cnncalc.loads(GAPS))
    page.evaluate(SELECT, [["b", unit]])
    # Rows: b reads a's 2·u and 2·u + 1, each of which v − 4, v, v + 4; columns: 3·u and 3·u + 1,
    # each of which v and v + 3. The 12 rows of b read from −4 to 2·11 + 1 + 4, columns from 0.
    rows = {2 * unit[0] + i + j for i in (0, 1) for j in (-4, 0, 4)}
    columns = {3 * unit[1] + i + j for i in (0, 1) for j in (0, 3)}
    marked = page.evaluate(
        """([first, height, width]) => {
      const canvas = document.querySelector(".pixels canvas"), context = canvas.getContext("2d");
      const scale = Math.min(canvas.width / width, canvas.height / height), found = [];
      for (let row = 0; row < 24; row++) for (let column = 0; column < 24; column++) {
        const x = Math.floor((column + 0.3) * scale), y = Math.floor((row - first + 0.3) * scale);
        const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
        if (red - blue > 30) found.push(`${row},${column}`);
      }
      return found;
    }""",
        [-4, 4 + 24 + 4, 24],
    )
    image = range(24)
    assert marked == [f"{r},{c}" for r in image for c in image if r in rows and c in columns]


def test_the_field_is_darker_where_more_of_the_gradient_is(show):
    """Along a row beside the centre's cross: Gaussian-like from theory, so it only gets lighter."""
    page = show("vgg16")
    page.evaluate(SELECT, [["conv5_3", [7, 7]]])
    lights = page.evaluate(
        """(columns) => {
      const canvas = document.querySelector(".pixels canvas"), context = canvas.getContext("2d");
      const [[first, count]] = [[-90, 388]], scale = Math.min(canvas.width, canvas.height) / count;
      return columns.map((column) => {
        const at = [(column - first) * scale, (119 + 12 - first) * scale].map(Math.floor);
        const [red, green, blue] = context.getImageData(...at, 1, 1).data;
        return red + green + blue;
      });
    }""",
        [131, 145, 160, 175],
    )
    assert lights == sorted(lights) and lights[0] < lights[-1]
    assert "initialization" in page.locator(".facts .heat").inner_text()
    page.evaluate(SELECT, [["fc6", []]])
    assert page.locator(".facts .heat").count() == 0


UNEVEN = """
name: uneven
input: [1, 20]
layers:
  - {name: near, type: conv, out_channels: 1, kernel_size: 2, padding: [[0, 1]]}
  - {name: far, type: conv, out_channels: 1, kernel_size: 2, dilation: 4,
     padding: [[0, 4]], from: input}
  - {name: both, type: add, from: [near, far]}
"""


def test_gaps_that_are_not_even(show):
    """Unit v reads v, v + 1 and v + 4."""
    page = show(cnncalc.loads(UNEVEN))
    readers = page.evaluate(READING, [["both", [pixel]] for pixel in range(20)])
    assert readers == [[[p - d for d in (4, 1, 0) if p >= d]] for p in range(20)]


def test_the_unit_under_the_pointer(show):
    page = show("vgg16")
    page.evaluate(SELECT, [["conv5_3", [0, 0]]])
    units = page.locator(".units canvas").bounding_box()
    cell = min(units["width"], units["height"]) / 14
    page.mouse.move(units["x"] + 3.5 * cell, units["y"] + 7.5 * cell)
    data = page.evaluate("({...document.getElementById('field').dataset})")
    # Unit u reads from 16·u − 90 on, 196 pixels.
    assert (data["first"], data["last"]) == ("22,-42", "217,153")


def test_a_pixel_that_is_clicked_shows_who_reads_it(show):
    page = show("vgg16")
    page.evaluate(SELECT, [["conv5_3", [7, 7]]])
    page.locator(".pixels canvas").click(position={"x": 160, "y": 160})
    told = page.inner_text(".facts .readers")
    pixel = [int(at) for at in re.search(r"pixel \((\d+), (\d+)\)", told).groups()]
    readers = cnncalc.units_reading("vgg16", "conv5_3", pixel)
    spans = [f"{axis.axis} {axis.first}…{axis.last}" for axis in readers.axes]
    assert told.endswith(f"is read by units {' · '.join(spans)}")
    page.locator(".pixels canvas").press("Escape")
    assert page.locator(".facts .readers").count() == 0


def test_keyboard(show):
    page = show("resnet18")
    page.focus('tr[data-layer="layer1.0.conv1"]')
    page.keyboard.press("Enter")
    chosen = "document.getElementById('field').dataset.layer"
    assert page.evaluate(chosen) == "layer1.0.conv1"
    assert page.locator('tr[aria-selected="true"]').get_attribute("data-layer") == "layer1.0.conv1"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate(chosen) == "layer1.0.bn1"
    # The graph: a block opens by Enter, and the layers in it can be reached and chosen.
    page.focus(".node[data-block=layer2]")
    page.keyboard.press("Enter")
    assert page.get_attribute(".node[data-block=layer2]", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate(chosen) == "layer2.0.conv1"
    # The units: arrows move to the next.
    page.evaluate(SELECT, [["layer2.0.conv1", [3, 3]]])
    page.focus(".units canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    side = cnncalc.unit_box("resnet18", "layer2.0.conv1", (2, 4)).sides
    first = page.evaluate("document.getElementById('field').dataset.first")
    assert first == f"{side[0].first},{side[1].first}"


def test_everything_can_be_reached_by_tab(show):
    page = show("lenet5")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName.toLowerCase()"))
    assert {"g", "canvas", "button", "input", "tr"} <= reached


def test_controls_have_names(show):
    page = show("resnet18")
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input, canvas, svg, [role=treeitem]")]
      .filter((node) => !node.getAttribute("aria-label"))
      .filter((node) => !node.textContent.trim() && !node.closest("label"))
      .map((node) => node.outerHTML)"""
    )
    assert unnamed == []


def test_rows_sort_and_filter(show):
    page, report = show("resnet18"), cnncalc.analyze("resnet18")
    names = [layer.layer for layer in report]
    assert page.evaluate(SHOWN) == names
    head = page.locator("thead button", has_text="params")
    head.click()
    most = sorted(report, key=lambda layer: (-layer.params, layer.index))
    assert page.evaluate(SHOWN) == [layer.layer for layer in most]
    head.click()
    least = sorted(report, key=lambda layer: (layer.params, layer.index))
    assert page.evaluate(SHOWN) == [layer.layer for layer in least]
    head.click()
    page.fill("input[type=search]", "MAX_pool")
    assert page.evaluate(SHOWN) == [x.layer for x in report if x.type == "max_pool"]
    page.fill("input[type=search]", "1.0.conv")
    assert page.evaluate(SHOWN) == [name for name in names if "1.0.conv" in name]
    page.fill("input[type=search]", "nothing like it")
    assert page.evaluate(SHOWN) == []
    page.fill("input[type=search]", "")
    page.locator("button.fold", has_text="layer1").first.click()
    assert page.evaluate(SHOWN) == [name for name in names if not name.startswith("layer1.")]


def test_every_layer_is_in_the_graph_once_all_is_open(show):
    page, report = show("googlenet"), cnncalc.analyze("googlenet")
    for _ in range(200):
        closed = page.locator('.node[aria-expanded="false"]')
        if not closed.count():
            break
        closed.first.dispatch_event("click")
    found = page.evaluate(DATASETS, [".node[data-index]", "index"])
    assert sorted(map(int, found)) == list(range(len(report) + 1))
    overlaps = page.evaluate(
        """() => {
      const nodes = [...document.querySelectorAll(".node .plate")];
      const places = nodes.map((node) => node.getBoundingClientRect());
      const apart = (a, b) => a.right <= b.left + 1 || a.bottom <= b.top + 1;
      const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => [a, b]));
      return pairs.filter(([a, b]) => !apart(a, b) && !apart(b, a)).length;
    }"""
    )
    assert overlaps == 0


HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "__proto__"]
HOSTILE += ["constructor", "a'b\"c&amp;", "{{data}}", "<!--", "${1}", "名前"]


def test_hostile_names_stay_text(show):
    layers = [
        {"name": name, "type": "conv", "out_channels": 2, "kernel_size": 1} for name in HOSTILE
    ]
    network = cnncalc.loads(json.dumps({"name": HOSTILE[1], "input": [1, 4, 4], "layers": layers}))
    page = show(network, network)
    rows = page.evaluate(DATASETS, ["tr[data-layer]", "layer"])
    assert rows == HOSTILE * 2
    assert page.title() == f"{HOSTILE[1]} and {HOSTILE[1]} · cnncalc"
    assert page.evaluate("document.querySelectorAll('img, script').length") == 2  # its own scripts
    for name in HOSTILE:
        assert page.evaluate(SELECT, [[name, [1, 2]]]) == [["1,2", "1,2", "1,1"]]


def test_two_networks(show):
    page = show("vgg16", "vgg19")
    first, other = cnncalc.analyze("vgg16"), cnncalc.analyze("vgg19")
    for place, report in enumerate((first, other)):
        rows = page.evaluate(DATASETS, [f"tr[data-layer][data-network='{place}']", "layer"])
        assert rows == [layer.layer for layer in report]
    page.evaluate("cnncalc.select('conv5_3', [7, 7], 1)")
    side = cnncalc.unit_box("vgg19", "conv5_3", 7).sides[0]
    assert (
        page.evaluate("document.getElementById('field').dataset.first")
        == f"{side.first},{side.first}"
    )
    marked = page.locator("#about .differs").all_inner_texts()
    assert "143.67 M params" in marked and "input 3×224×224" not in marked
    # vgg19 has a fourth convolution in stages 3 to 5 (arXiv:1409.1556, table 1, columns D and E).
    alone = page.evaluate(DATASETS, ["tr.alone", "layer"])
    added = [f"{kind}{stage}_4" for stage in (3, 4, 5) for kind in ("conv", "relu")]
    assert alone == added
    marked = set(page.evaluate(DATASETS, ["tr[data-layer]:has(td.differs)", "layer"]))
    same = {layer.layer for layer in first if layer.index <= first["relu3_3"].index}
    assert not marked & same and {"pool3", "conv5_3"} <= marked


def test_a_network_that_fails(tab, tmp_path, capsys):
    net, path = tmp_path / "net.yaml", tmp_path / "net.html"
    net.write_text(
        "name: short\ninput: [1, 8, 8]\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 1, kernel_size: 3}\n"
        "  - {name: b, type: conv, out_channels: 1, kernel_size: 9}\n"
        "  - {name: c, type: relu}\n"
    )
    assert run(["report", str(net), "-o", str(path)]) == 1
    message = capsys.readouterr().err.strip()
    assert message.startswith(f"{net}:5: layer 'b': window 9 is larger than its padded input 6")
    page = tab.open(path)
    assert page.evaluate(SHOWN) == ["a"]
    assert message in page.inner_text("[role=alert]")
    assert page.evaluate(SELECT, [["a", [5, 0]]]) == [["5,0", "7,2", "1,1"]]
    assert tab.is_clean(path)


def png(colour, side=4):
    """A picture of one colour."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * side) * side
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


CENTRE = """() => {
  const canvas = document.querySelector(".pixels canvas"), context = canvas.getContext("2d");
  const beside = [canvas.width / 2 + 12, canvas.height / 2 + 12];
  return [...context.getImageData(...beside, 1, 1).data].slice(0, 3);
}"""


def test_a_picture_of_the_reader_s_own(show):
    page = show("vgg16")
    page.evaluate(SELECT, [["conv5_3", [7, 7]]])
    before = page.evaluate(CENTRE)
    chosen = {"name": "p.png", "mimeType": "image/png", "buffer": png((10, 20, 200))}
    page.set_input_files("#picture", chosen)
    page.wait_for_selector("#nopicture:not([hidden])")
    assert page.evaluate(CENTRE) == [10, 20, 200]  # as it is, within the field
    page.click("#nopicture")
    assert page.evaluate(CENTRE) == before
    page.evaluate(
        """(bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(bytes)], "p.png", { type: "image/png" }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
    }""",
        list(png((200, 20, 10))),
    )
    page.wait_for_selector("#nopicture:not([hidden])")
    assert page.evaluate(CENTRE) == [200, 20, 10]
    page.set_input_files("#picture", {**chosen, "buffer": b"no picture"})
    page.wait_for_function("document.getElementById('picturename').textContent !== ''")


def test_light_and_dark(show, tab):
    page = show("lenet5")
    ground = "getComputedStyle(document.body).backgroundColor"

    def brightness():
        return sum(map(int, re.findall(r"\d+", page.evaluate(ground))[:3]))

    tab.page.emulate_media(color_scheme="dark")
    assert brightness() < 150
    page.click("#theme")
    assert brightness() > 600  # light, whatever the system's
    page.click("#theme")
    tab.page.emulate_media(color_scheme="light")
    assert brightness() < 150
    page.click("#theme")
    assert brightness() > 600


def test_print(show, tab):
    """On A4, within its usual margins: everything, and no control."""
    page = show("resnet18")
    tab.page.emulate_media(media="print")
    tab.page.set_viewport_size({"width": 718, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert not page.is_visible("#theme") and not page.is_visible("input[type=search]")
    assert page.is_visible("tr[data-layer=fc] td:last-child")
    tab.page.emulate_media(media="screen")
    tab.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("width", [390, 800, 1280])
@pytest.mark.parametrize("name", ["deeplab_v3_resnet50", "n" * 900])
def test_nothing_hangs_over_the_side(show, tab, width, name):
    layers = [
        {"name": name, "type": "conv", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"name": f"{name}2", "type": "max_pool", "kernel_size": 2},
    ]
    text = json.dumps({"name": name, "input": [3, 9, 9], "layers": layers})
    page = show(name if len(name) < 100 else cnncalc.loads(text))
    tab.page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab.page.set_viewport_size({"width": 1280, "height": 800})


def test_a_notebook_s_frame(tab, tmp_path):
    path = tmp_path / "notebook.html"
    frame = cnncalc.analyze("lenet5").page()._repr_html_()
    path.write_text(f"<!DOCTYPE html><meta charset='utf-8'>{frame}", encoding="utf-8")
    inside = tab.open(path).frame_locator("iframe")
    assert inside.locator("tr[data-layer]").count() == len(cnncalc.analyze("lenet5"))
    assert tab.messages == []


def test_shares_and_centres_are_told(show):
    page = show("vgg16")
    page.evaluate(SELECT, [["conv5_3", [0, 13]]])
    box = cnncalc.unit_box("vgg16", "conv5_3", (0, 13))
    cells = page.evaluate(
        "[...document.querySelectorAll('.facts td')].map((cell) => cell.textContent)"
    )
    expected = []
    for side in box.sides:
        reads = f"{side.first}…{side.last}".replace("-", "−")
        within = f"{side.clipped[0]}…{side.clipped[1]}"
        expected += [
            reads,
            str(side.pixels),
            within,
            str(float(exact(side.center))).replace("-", "−"),
            "none",
        ]
    assert [cell.removesuffix(".0") for cell in cells] == [
        one.removesuffix(".0") for one in expected
    ]
    share = 1 - Fraction(math.prod(s.clipped[1] - s.clipped[0] + 1 for s in box.sides), 196**2)
    assert f"{float(100 * share):.1f} %" in page.inner_text(".facts")


TWO_INPUTS = """\
name: two
input: {image: [3, 64, 48], depth: [1, 64, 48]}
layers:
  - {name: a, type: conv, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  - {name: b, type: conv, out_channels: 8, kernel_size: 5, stride: 2, padding: 2, from: depth}
  - {name: sum, type: add, from: [a, b]}
  - {name: head, type: conv, out_channels: 2, kernel_size: 3, padding: 1}
"""


@pytest.mark.parametrize(("origin", "kernel"), [("image", 3), ("depth", 5)])
def test_of_several_inputs_one_is_looked_at(show, origin, kernel):
    page = show(cnncalc.loads(TWO_INPUTS), from_layer=origin)
    assert page.evaluate(SHOWN) == ["a", "b", "sum", "head"]
    other = {"image": "depth", "depth": "image"}[origin]
    own = {"image": "a", "depth": "b"}
    # a unit of head reads 3 units of sum, two pixels apart, each of which reads a kernel
    start = 2 * (10 - 1) - kernel // 2
    reads = [range(start, start + 2 * 2 + kernel)] * 2
    asked = [["head", [10, 10]], [own[other], [1, 1]], [origin, [4, 5]], [other, [0, 0]]]
    told = [plain(one) for one in page.evaluate(SELECT, asked)]
    assert told == [marks(reads), ["", "", ""], marks([[4], [5]]), ["", "", ""]]
    assert f"fields from {origin}" in page.inner_text("body")
    assert "input image 3×64×48, depth 1×64×48" in page.inner_text("body")
    drawn = page.locator("[data-index]")
    assert sorted(
        drawn.nth(place).get_attribute("data-index") for place in range(drawn.count())
    ) == [*("-1", "0", "1", "2", "3", "4")]
    drawn.filter(has_text=other).first.click()
    assert f"--from {other} shows its own" in page.inner_text("body")


def test_two_networks_of_several_inputs_side_by_side(show):
    page = show(cnncalc.loads(TWO_INPUTS), "lenet5")
    assert "depth 1×64×48" in page.inner_text("body")
