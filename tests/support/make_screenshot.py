"""Takes a picture of a page as a browser shows it, as PNG, twice as sharp as it is wide.

    python tests/support/make_screenshot.py FILE.png [NETWORK LAYER UNIT [WIDTH HEIGHT [dark]]]

By default resnet50, a unit of layer3.2.conv2 in the middle, 1280 × 800, light.
"""

import sys
import tempfile
from pathlib import Path

import browsers

import cnncalc


def main(target, network="resnet50", layer="layer3.2.conv2", unit="6,6", *how):
    """Write the picture."""
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


if __name__ == "__main__":
    main(*sys.argv[1:])
