"""Takes a picture of a page as a browser shows it, as PNG, twice as sharp as it is wide.

    python tests/support/make_screenshot.py     tests/data/page.png, the README's, with a drawing
    python tests/support/make_screenshot.py FILE.png [NETWORK LAYER UNIT [WIDTH HEIGHT [dark]]]

By default resnet50, a unit of layer3.2.conv2 in the middle, 1280 × 800, light.
"""

import sys
import tempfile
from pathlib import Path

import browsers

import cnncalc

PICTURE = Path(__file__).parent.parent / "data" / "page.png"
DRAWING = ("vgg16", "conv5_3")
COLOURS = 256  # of the README's picture: enough for both, at a third of the size
BESIDE = """<body style="margin:0">
<div style="display:flex;gap:24px;align-items:center;width:1640px">
<style>img { border-radius: 10px; border: 1px solid #c9c5b9 }</style>
<img src="page.png" width="900"><img src="drawing.svg" style="flex:1;min-width:0"></div>"""


def main(target, network="resnet50", layer="layer3.2.conv2", unit="6,6", *how):
    """Write the picture of a page."""
    width, height, scheme = (*how, *("1280", "800", "light")[len(how) :])
    place = [int(number) for number in unit.split(",")]
    with tempfile.TemporaryDirectory() as folder, browsers.opened() as browser:
        path = Path(folder) / "page.html"
        path.write_text(cnncalc.page(network).html, encoding="utf-8")
        size = {"width": int(width), "height": int(height)}
        tab = browsers.tab(browser, viewport=size, device_scale_factor=2, color_scheme=scheme)
        page = tab.open(path)
        page.evaluate("([layer, unit]) => cnncalc.select(layer, unit)", [layer, place])
        page.screenshot(path=target, animations="disabled")


def beside_a_drawing(target):
    """Write the picture of the default page with a drawing beside it."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "both.html"
        shown.write_text(BESIDE, encoding="utf-8")
        drawing = cnncalc.draw_cone(*DRAWING).svg
        shown.with_name("drawing.svg").write_text(drawing, encoding="utf-8")
        main(shown.with_name("page.png"))
        with browsers.opened() as browser:
            page = browser.new_page(device_scale_factor=1.25)
            page.goto(shown.as_uri())
            page.locator("div").screenshot(path=target, omit_background=True)
    with Image.open(target) as image:
        image.quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__" and not sys.argv[1:]:
    beside_a_drawing(PICTURE)
elif __name__ == "__main__":
    main(*sys.argv[1:])
