/* A layer's units beside the input, drawn to scale: the last two axes as a plane, any others, and
   a single one, as strips. */

const STRIP = 30, STRIP_GAP = 12, THINNEST = 16, CELLS_SHOWN = 5, DOTS_APART = 5, UNITS_SHOWN = 12; // units where their number is unknown

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "muted", "line", "surface", "ground", "accent", "field", "other", "read", "dim"]) colours[name] = style.getPropertyValue(`--${name}`).trim();
}

/* Where values of axes lie on a canvas. `spans` are per axis the first value and how many there are. */
class Plot {
  constructor(spans, width, tallest) {
    this.spans = spans;
    this.areas = [];
    this.scales = spans.map(() => 1);
    this.starts = spans.map(() => 0);
    const inPlane = spans.length > 1 ? 2 : 0, strips = spans.length - inPlane;
    let y = 0;
    for (let axis = 0; axis < strips; axis++) {
      this.place(axis, 0, width / spans[axis][1]);
      this.areas.push({ across: axis, down: null, x: 0, y, width, height: STRIP });
      y += STRIP + STRIP_GAP;
    }
    if (inPlane) {
      const down = strips, across = strips + 1;
      const scale = Math.min(width / spans[across][1], (tallest - y) / spans[down][1]);
      const area = { across, down, x: 0, y, width: Math.max(spans[across][1] * scale, THINNEST), height: Math.max(spans[down][1] * scale, THINNEST) };
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
    const x = this.at(across, firsts[across]), width = (Number(lasts[across] - firsts[across]) + 1) * this.scales[across];
    if (down === null) return [x, y, width, height];
    return [x, this.at(down, firsts[down]), width, (Number(lasts[down] - firsts[down]) + 1) * this.scales[down]];
  }

  /* The place under the pointer: axes of other areas stay as they are. */
  hit(x, y, place) {
    const area = this.areas.find((each) => y < each.y + each.height + STRIP_GAP / 2) || this.areas[this.areas.length - 1];
    if (!area) return place;
    const found = [...place], value = (axis, at) => Math.floor(this.spans[axis][0] + (at - this.starts[axis]) / this.scales[axis]);
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
    if (this.canvas.height !== pixels[1]) { this.canvas.height = pixels[1]; this.canvas.style.height = `${this.plot.height}px`; }
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
  for (let at = x - height; at < x + width; at += 6) { context.moveTo(at, y + height); context.lineTo(at + height, y); }
  context.stroke();
  context.restore();
}

/* What is in runs on both axes of an area, as a mask to paint with. `runs` are per axis pairs
   [first, last] of values. With `cut`, a rectangle, what is painted is that without the runs. */
const maskCanvas = document.createElement("canvas");
function mask(context, plot, area, runs, colour, cut) {
  const { width, height } = context.canvas;
  if (maskCanvas.width !== width || maskCanvas.height !== height) Object.assign(maskCanvas, { width, height });
  const inked = maskCanvas.getContext("2d");
  inked.setTransform(1, 0, 0, 1, 0, 0);
  inked.globalCompositeOperation = "source-over";
  inked.clearRect(0, 0, width, height);
  inked.setTransform(context.getTransform());
  inked.fillStyle = "#000";
  inked.beginPath();
  for (const [first, last] of runs[area.across]) inked.rect(plot.at(area.across, first), area.y, (Number(last - first) + 1) * plot.scales[area.across], area.height);
  inked.fill();
  if (area.down !== null) {
    inked.globalCompositeOperation = "destination-in";
    inked.beginPath();
    for (const [first, last] of runs[area.down]) inked.rect(area.x, plot.at(area.down, first), area.width, (Number(last - first) + 1) * plot.scales[area.down]);
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
  runs.forEach((length, place) => { if (place % 2 === 0) found.push([at, at + length - 1]); at += length; });
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

class Lens {
  constructor(model, choose) {
    this.model = model;
    this.choose = choose;
    this.pixel = null;
    this.picture = null;
    this.units = new Sheet("", 210, (context, plot) => this.paintUnits(context, plot));
    this.pixels = new Sheet("", 320, (context, plot) => this.paintPixels(context, plot));
    this.unitsTitle = element("figcaption");
    this.pixelsTitle = element("figcaption");
    this.facts = element("div", { class: "facts" });
    this.spoken = element("p", { class: "spoken", "aria-live": "polite" });
    this.root = element("article", { class: "lens" },
      element("figure", { class: "units" }, this.unitsTitle, this.units.canvas),
      element("figure", { class: "pixels" }, this.pixelsTitle, this.pixels.canvas),
      this.facts, this.spoken);
    this.listen();
  }

  listen() {
    const units = this.units.canvas, pixels = this.pixels.canvas;
    const unitAt = (event) => this.clamped(this.units.plot.hit(...this.units.at(event), this.unit), this.model.sizes(this.layer));
    const point = (event) => { if (this.unit.length) this.choose(this.layer, unitAt(event)); };
    units.addEventListener("pointermove", point);
    units.addEventListener("pointerdown", point);
    units.addEventListener("keydown", (event) => this.walk(event, this.unit, this.model.sizes(this.layer), (unit) => this.choose(this.layer, unit)));
    const pixelAt = (event) => this.pixels.plot.hit(...this.pixels.at(event), this.pixel || this.model.pixelSizes.map(() => this.model.of(0)));
    pixels.addEventListener("click", (event) => {
      const pixel = pixelAt(event), sizes = this.model.pixelSizes;
      const outside = pixel.some((at, axis) => at < 0 || (sizes[axis] !== null && at >= sizes[axis]));
      this.ask(outside ? null : this.clamped(pixel, sizes));
    });
    pixels.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.ask(null);
      const sizes = this.model.pixelSizes;
      this.walk(event, this.pixel || this.clamped(sizes.map(() => 0), sizes), sizes, (pixel) => this.ask(pixel));
    });
  }

  clamped(place, sizes) {
    return place.map((at, axis) => {
      const number = this.model.of(at);
      if (number < 0) return this.model.of(0);
      return sizes[axis] !== null && number >= sizes[axis] ? sizes[axis] - this.model.of(1) : number;
    });
  }

  /* Arrow keys move a place on the plane, with Shift along the axis before it. */
  walk(event, place, sizes, go) {
    const step = { ArrowLeft: [1, -1], ArrowRight: [1, 1], ArrowUp: [2, -1], ArrowDown: [2, 1] }[event.key];
    if (!step || !place.length) return;
    const axis = Math.max(place.length - (event.shiftKey ? 3 : Math.min(step[0], place.length)), 0);
    go(this.clamped(place.map((at, i) => (i === axis ? at + this.model.of(step[1]) : at)), sizes));
    event.preventDefault();
  }

  /* Show which units read a pixel, or no longer. */
  ask(pixel) {
    this.pixel = pixel;
    this.show(this.layer, this.unit);
  }

  show(layer, unit) {
    const { model } = this;
    this.layer = layer;
    this.unit = unit;
    this.box = model.box(layer, unit);
    this.readers = this.pixel && model.reading(layer, this.pixel);
    const sizes = model.sizes(layer);
    this.units.spans = (sizes.length ? sizes : [1]).map((size) => [0, Number(size === null ? UNITS_SHOWN : size)]);
    this.pixels.spans = model.pixelSizes.map((size, axis) => this.pixelSpan(layer, axis, size));
    this.unitsTitle.replaceChildren(element("b", {}, layer.layer), ` ${model.shape(layer)}`);
    const origin = model.origin === null ? "input" : model.origin;
    this.pixelsTitle.replaceChildren(element("b", {}, origin), ` ${model.shape(model.layerOf(origin))}`);
    this.units.canvas.setAttribute("aria-label", `Units of ${layer.layer}: arrow keys move to another`);
    this.pixels.canvas.setAttribute("aria-label", `Pixels of ${origin}: arrow keys and clicks choose one, to see which units read it`);
    this.units.draw();
    this.pixels.draw();
    this.tell();
  }

  pixelSpan(layer, axis, size) {
    const field = this.model.fields(layer)[axis], sizes = this.model.sizes(layer);
    const units = axis >= sizes.length ? 1 : sizes[axis] === null ? UNITS_SHOWN : sizes[axis];
    const span = spanOf(field, this.model.of(units), this.model.of) || [0, 0];
    const first = Math.min(0, Number(span[0])), last = Math.max(size === null ? 0 : Number(size) - 1, Number(span[1]));
    return [first, last - first + 1];
  }

  paintUnits(context, plot) {
    const sizes = plot.spans.map(([, count]) => count), unit = this.unit.length ? this.unit.map(Number) : [0];
    for (const area of plot.areas) {
      const whole = [area.x, area.y, area.width, area.height];
      context.fillStyle = colours.surface;
      context.fillRect(...whole);
      if (this.readers && this.unit.length === this.readers.length && !this.readers.includes(null)) mask(context, plot, area, this.readers.map(unitRuns), colours.read);
      this.paintGrid(context, plot, area, sizes);
      context.strokeStyle = colours.line;
      context.strokeRect(area.x + 0.5, area.y + 0.5, area.width - 1, area.height - 1);
      const [x, y, width, height] = plot.rectangle(area, unit, unit);
      const [wide, high] = [Math.max(width, 4), Math.max(height, 4)];
      context.fillStyle = colours.accent;
      context.fillRect(x + (width - wide) / 2, y + (height - high) / 2, wide, high);
    }
  }

  paintGrid(context, plot, area, sizes) {
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.beginPath();
    if (plot.scales[area.across] >= CELLS_SHOWN) for (let i = 1; i < sizes[area.across]; i++) { const x = Math.round(plot.at(area.across, i)) + 0.5; context.moveTo(x, area.y); context.lineTo(x, area.y + area.height); }
    if (area.down !== null && plot.scales[area.down] >= CELLS_SHOWN) for (let i = 1; i < sizes[area.down]; i++) { const y = Math.round(plot.at(area.down, i)) + 0.5; context.moveTo(area.x, y); context.lineTo(area.x + area.width, y); }
    context.stroke();
  }

  paintPixels(context, plot) {
    const sizes = this.model.pixelSizes, firsts = sizes.map(() => 0);
    const lasts = sizes.map((size, axis) => (size === null ? plot.spans[axis][0] + plot.spans[axis][1] - 1 : Number(size) - 1));
    for (const area of plot.areas) {
      const whole = [area.x, area.y, area.width, area.height], image = plot.rectangle(area, firsts, lasts);
      context.fillStyle = colours.ground;
      context.fillRect(...whole);
      hatch(context, whole, colours.line);
      context.fillStyle = colours.surface;
      context.fillRect(...image);
      const shown = this.picture && area.down !== null;
      if (shown) context.drawImage(this.picture, ...image);
      else this.paintCentres(context, plot, area);
      if (this.box) this.paintField(context, plot, area, shown ? image : null);
      context.strokeStyle = colours.muted;
      context.lineWidth = 1;
      context.strokeRect(image[0] + 0.5, image[1] + 0.5, Math.max(image[2] - 1, 0), Math.max(image[3] - 1, 0));
      if (this.pixel) this.paintPixel(context, plot, area);
    }
  }

  paintField(context, plot, area, image) {
    const box = this.box.map(({ first, last, runs }) => ({ first: Number(first), last: Number(last), runs }));
    mask(context, plot, area, box.map(readRuns), image ? colours.dim : colours.field, image);
    const [x, y, width, height] = plot.rectangle(area, box.map((side) => side.first), box.map((side) => side.last));
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    context.strokeRect(x, y, width, height);
    const centre = [x + width / 2, y + height / 2];
    context.beginPath();
    for (const [dx, dy] of [[4, 0], [0, 4]]) { context.moveTo(centre[0] - dx, centre[1] - dy); context.lineTo(centre[0] + dx, centre[1] + dy); }
    context.strokeStyle = image ? colours.accent : colours.ink;
    context.stroke();
  }

  /* A dot at the centre of every unit's field, where they lie far enough apart to be seen. */
  paintCentres(context, plot, area) {
    const { model, layer } = this, sizes = model.sizes(layer), fields = model.fields(layer);
    const centres = [area.across, area.down].filter((axis) => axis !== null).map((axis) => {
      const field = fields[axis];
      if (field.kind !== "periodic" || axis >= sizes.length || sizes[axis] === null || sizes[axis] > 400) return null;
      const found = [];
      for (let unit = model.of(0); unit < sizes[axis]; unit++) { const extent = extentOf(field, unit, model.of); if (extent) found.push(plot.at(axis, Number(extent.first + extent.last + model.of(1)) / 2)); }
      return found.length < 2 || Math.abs(found[1] - found[0]) >= DOTS_APART ? found : null;
    });
    if (centres.includes(null)) return;
    context.fillStyle = colours.muted;
    const [across, down] = [centres[0], centres[1] || [area.y + area.height / 2]];
    for (const x of across) for (const y of down) context.fillRect(x - 0.75, y - 0.75, 1.5, 1.5);
  }

  paintPixel(context, plot, area) {
    const [x, y, width, height] = plot.rectangle(area, this.pixel, this.pixel);
    const [wide, high] = [Math.max(width, 5), Math.max(height, 5)];
    context.strokeStyle = colours.other;
    context.lineWidth = 2;
    context.strokeRect(x + (width - wide) / 2, y + (height - high) / 2, wide, high);
  }

  /* What is marked, in words and numbers. */
  tell() {
    const { model, layer, unit, box } = this, unknown = model.unknown(layer);
    const head = element("p", { class: "unit" }, unit.length ? `unit ${placeText(unit)}` : "vector");
    const lines = [head];
    if (unknown !== null) lines.push(element("p", { class: "reason" }, unknown));
    else if (!box) lines.push(element("p", { class: "reason" }, "it reads nothing"));
    else lines.push(this.sidesTable(box), this.outsideNote(box));
    if (layer.global) lines.push(element("p", {}, "It reads a whole map: the rectangle is of all its units."));
    if (layer.gated) lines.push(element("p", {}, `And the whole map, through ${model.through[layer.index]}.`));
    if (this.pixel) lines.push(element("p", { class: "readers" }, this.readersText()));
    this.facts.replaceChildren(...lines.filter(Boolean));
    const sides = box ? box.map((side, axis) => `${model.axes[axis]} ${side.first} to ${side.last}`).join(", ") : unknown || "nothing";
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.spoken.textContent = `${layer.layer}, unit ${placeText(unit)} reads ${sides}`; }, 300);
  }

  sidesTable(box) {
    const { model } = this, sizes = model.pixelSizes;
    const rows = box.map((side, axis) => {
      const { first, last } = side, size = sizes[axis], one = model.of(1);
      const start = first < 0 ? model.of(0) : first, end = size !== null && last >= size ? size - one : last;
      const within = size === null ? "?" : start <= end ? `${start}…${end}` : "none";
      const share = coverageOf(side);
      const cells = [`${String(first).replace("-", "−")}…${last}`, numberText(last - first + one), within, numberText(Number(first + last) / 2), share === 1 ? "none" : share === null ? "?" : percentText(1 - share)];
      return element("tr", {}, element("th", { scope: "row" }, model.axes[axis]), cells.map((cell) => element("td", {}, cell)));
    });
    const heads = ["", "reads", "pixels", "within", "centre", "gaps"].map((head) => element("th", { scope: "col" }, head));
    return element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows));
  }

  outsideNote(box) {
    const sizes = this.model.pixelSizes;
    if (sizes.includes(null)) return null;
    const inside = box.map(({ first, last }, axis) => {
      const length = Math.min(Number(last), Number(sizes[axis]) - 1) - Math.max(Number(first), 0) + 1;
      return Math.max(length, 0) / (Number(last - first) + 1);
    });
    const share = 1 - inside.reduce((product, part) => product * part, 1);
    return share ? element("p", {}, `${percentText(share)} of the rectangle lies outside the image: padding.`) : null;
  }

  readersText() {
    const pixel = `pixel ${placeText(this.pixel)}`;
    if (!this.readers) return `Which units read ${pixel} is not known per axis.`;
    const texts = this.readers.map((units, axis) => `${this.model.axes[axis]} ${units === null ? "?" : unitRuns(units).map(([first, last]) => (first === last ? first : `${first}…${last}`)).slice(0, 6).join(", ") || "none"}`);
    return `${pixel} is read by units ${texts.join(" · ")}`;
  }
}
