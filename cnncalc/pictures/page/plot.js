/* Maps drawn to scale on canvases: the last two axes as a plane, any others, and a single one, as
   strips. */

const STRIP = 30,
  STRIP_GAP = 12,
  THINNEST = 16;

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "muted", "line", "surface", "ground", "accent", "field", "other", "read", "dim"])
    colours[name] = style.getPropertyValue(`--${name}`).trim();
}

/* Where values of axes lie on a canvas. `spans` are per axis the first value and how many there are. */
class Plot {
  constructor(spans, width, tallest) {
    this.spans = spans;
    this.areas = [];
    this.scales = spans.map(() => 1);
    this.starts = spans.map(() => 0);
    const inPlane = spans.length > 1 ? 2 : 0,
      strips = spans.length - inPlane;
    let y = 0;
    for (let axis = 0; axis < strips; axis++) {
      this.place(axis, 0, width / spans[axis][1]);
      this.areas.push({ across: axis, down: null, x: 0, y, width, height: STRIP });
      y += STRIP + STRIP_GAP;
    }
    if (inPlane) {
      const down = strips,
        across = strips + 1;
      const scale = Math.min(width / spans[across][1], (tallest - y) / spans[down][1]);
      const area = {
        across,
        down,
        x: 0,
        y,
        width: Math.max(spans[across][1] * scale, THINNEST),
        height: Math.max(spans[down][1] * scale, THINNEST),
      };
      this.place(across, area.x, area.width / spans[across][1]);
      this.place(down, y, area.height / spans[down][1]);
      this.areas.push(area);
      y += area.height + STRIP_GAP;
    }
    this.width = width;
    this.height = Math.max(y - STRIP_GAP, STRIP);
  }

  place(axis, start, scale) {
    this.starts[axis] = start;
    this.scales[axis] = scale;
  }

  at(axis, value) {
    return this.starts[axis] + (Number(value) - this.spans[axis][0]) * this.scales[axis];
  }

  /* The rectangle between values of the axes of an area, both counted. */
  rectangle({ across, down, y, height }, firsts, lasts) {
    const x = this.at(across, firsts[across]),
      width = (Number(lasts[across] - firsts[across]) + 1) * this.scales[across];
    if (down === null) return [x, y, width, height];
    return [
      x,
      this.at(down, firsts[down]),
      width,
      (Number(lasts[down] - firsts[down]) + 1) * this.scales[down],
    ];
  }

  /* The place under the pointer: axes of other areas stay as they are. */
  hit(x, y, place) {
    const area =
      this.areas.find((each) => y < each.y + each.height + STRIP_GAP / 2) ||
      this.areas[this.areas.length - 1];
    if (!area) return place;
    const found = [...place],
      value = (axis, at) => Math.floor(this.spans[axis][0] + (at - this.starts[axis]) / this.scales[axis]);
    found[area.across] = value(area.across, x);
    if (area.down !== null) found[area.down] = value(area.down, y);
    return found;
  }
}

/* A canvas that is as wide as its place, sharp on every screen. */
class Sheet {
  constructor(label, tallest, paint) {
    this.tallest = tallest;
    this.paint = paint;
    this.canvas = element("canvas", { tabindex: 0, role: "application", "aria-label": label });
    this.plot = new Plot([], 100, tallest);
    new ResizeObserver(([{ contentRect }]) => this.resize(contentRect.width)).observe(this.canvas);
  }

  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.draw();
  }

  /* While the page is made nothing has a size: asking for one would lay out all of it too early. */
  draw() {
    const width = this.width || (document.readyState === "loading" ? 0 : this.canvas.clientWidth);
    if (!width || !this.spans) return;
    const sharpness = window.devicePixelRatio || 1;
    this.plot = new Plot(this.spans, width, this.tallest);
    const pixels = [Math.round(width * sharpness), Math.round(this.plot.height * sharpness)];
    if (this.canvas.width !== pixels[0]) this.canvas.width = pixels[0];
    if (this.canvas.height !== pixels[1]) {
      this.canvas.height = pixels[1];
      this.canvas.style.height = `${this.plot.height}px`;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    context.clearRect(0, 0, width, this.plot.height);
    this.paint(context, this.plot);
  }

  at(event) {
    const place = this.canvas.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  }
}

function hatch(context, [x, y, width, height], colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 6) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/* What is in runs on both axes of an area, as a mask to paint with. `runs` are per axis pairs
   [first, last] of values. With `cut`, a rectangle, what is painted is that without the runs. */
const maskCanvas = document.createElement("canvas");
function mask(context, plot, area, runs, colour, cut) {
  const { width, height } = context.canvas;
  if (maskCanvas.width !== width || maskCanvas.height !== height)
    Object.assign(maskCanvas, { width, height });
  const inked = maskCanvas.getContext("2d");
  inked.setTransform(1, 0, 0, 1, 0, 0);
  inked.globalCompositeOperation = "source-over";
  inked.clearRect(0, 0, width, height);
  inked.setTransform(context.getTransform());
  inked.fillStyle = "#000";
  inked.beginPath();
  for (const [first, last] of runs[area.across])
    inked.rect(
      plot.at(area.across, first),
      area.y,
      (Number(last - first) + 1) * plot.scales[area.across],
      area.height,
    );
  inked.fill();
  if (area.down !== null) {
    inked.globalCompositeOperation = "destination-in";
    inked.beginPath();
    for (const [first, last] of runs[area.down])
      inked.rect(
        area.x,
        plot.at(area.down, first),
        area.width,
        (Number(last - first) + 1) * plot.scales[area.down],
      );
    inked.fill();
  }
  inked.fillStyle = colour;
  inked.globalCompositeOperation = cut ? "source-out" : "source-in";
  inked.fillRect(...(cut || [area.x, area.y, area.width, area.height]));
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(maskCanvas, 0, 0);
  context.restore();
}

/* The runs of an extent that are read, as [first, last]. */
function readRuns({ first, last, runs }) {
  if (!runs) return [[Number(first), Number(last)]];
  const found = [];
  let at = Number(first);
  runs.forEach((length, place) => {
    if (place % 2 === 0) found.push([at, at + length - 1]);
    at += length;
  });
  return found;
}

/* Units in rising order as runs of neighbours. */
function unitRuns(units) {
  const found = [];
  for (const unit of units.map(Number)) {
    const run = found[found.length - 1];
    if (run && run[1] === unit - 1) run[1] = unit;
    else found.push([unit, unit]);
  }
  return found;
}
