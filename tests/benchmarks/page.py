"""How long a page takes to write, to be seen and to follow the pointer.

    python tests/benchmarks/page.py [NETWORK…]

Prints per network the file's size, the processor time of `cnncalc report` as a whole process, and
in headless Chromium the first paint after navigation, the processor time of the page's thread until
then, and of 100 moves of the pointer over units the median and the longest until what they read is
drawn (without the wait for the screen). All but processor times grow on a busy machine.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
import browsers

SCRIPTS = Path(os.environ.get("CNNCALC_BIN") or sysconfig.get_path("scripts"))
PAINT = "performance.getEntriesByType('paint').map((entry) => entry.startTime).sort()[0]"
HOVER = """() => {
  const canvas = document.querySelector(".units canvas"), place = canvas.getBoundingClientRect();
  const marked = document.querySelector(".pixels canvas").getContext("2d"), times = [];
  for (let i = 0; i < 100; i++) {
    const [across, down] = [((i * 37) % 100) / 100, i / 100];
    const clientX = place.left + place.width * across, clientY = place.top + place.height * down;
    const start = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
    marked.getImageData(0, 0, 1, 1);
    document.body.offsetHeight;
    times.push(performance.now() - start);
  }
  return times;
}"""
ROUNDS = 3


def processor_seconds(command):
    """What a whole process takes of the processor, with its start."""
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def main(networks):
    """A line a network."""
    with tempfile.TemporaryDirectory() as folder, browsers.opened() as browser:
        for network in networks:
            path = Path(folder) / f"{network}.html"
            command = [SCRIPTS / "cnncalc", "report", network, "-o", path]
            written = min(processor_seconds(command) for _ in range(ROUNDS))
            paints, works, hovers = [], [], []
            for _ in range(ROUNDS):
                shown = browsers.tab(browser, viewport={"width": 1280, "height": 800})
                session = shown.page.context.new_cdp_session(shown.page)
                session.send("Performance.enable", {"timeDomain": "threadTicks"})
                page = shown.open(path)
                page.wait_for_function(f"{PAINT} !== undefined")
                paints.append(page.evaluate(PAINT))
                metrics = session.send("Performance.getMetrics")["metrics"]
                works += [1000 * m["value"] for m in metrics if m["name"] == "TaskDuration"]
                hovers += page.evaluate(HOVER)
                page.close()
            size = path.stat().st_size
            print(
                f"{network}: {size:,} bytes, written in {written:.2f} s, first paint "
                f"{min(paints):.0f} ms ({min(works):.0f} ms of work), "
                f"hover {median(hovers):.1f} ms (longest {max(hovers):.1f})"
            )


if __name__ == "__main__":
    main(sys.argv[1:] or ["resnet50", "densenet201"])
