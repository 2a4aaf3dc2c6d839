/* A layer's units beside the input, with what the chosen one reads and which read a pixel. */

const CELLS_SHOWN = 5,
  DOTS_APART = 5,
  MOST_DOTS = 400;
const UNITS_SHOWN = 12; // where their number is unknown
const TONES = 9,
  MOST_HEAT = 0.55;

const tonesKnown = new Map();

/* Pixels of one tone from the first to the last, with that tone, but those of none. */
function toneRuns(tones, first) {
  if (!tonesKnown.has(tones)) {
    const runs = [...tones.matchAll(/(\d)\1*/g)].filter(([, tone]) => tone !== "0");
    tonesKnown.set(
      tones,
      runs.map(({ 0: run, 1: tone, index }) => [index, index + run.length - 1, tone / TONES]),
    );
  }
  return tonesKnown.get(tones).map(([from, to, tone]) => [first + from, first + to, tone]);
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
    this.root = element(
      "article",
      { class: "lens" },
      element("figure", { class: "units" }, this.unitsTitle, this.units.canvas),
      element("figure", { class: "pixels" }, this.pixelsTitle, this.pixels.canvas),
      this.facts,
      this.spoken,
    );
    this.listen();
  }

  listen() {
    const units = this.units.canvas,
      pixels = this.pixels.canvas;
    const unitAt = (event) =>
      this.clamped(this.units.plot.hit(...this.units.at(event), this.unit), this.model.sizes(this.layer));
    const point = (event) => {
      if (this.unit.length) this.choose(this.layer, unitAt(event));
    };
    units.addEventListener("pointermove", point);
    units.addEventListener("pointerdown", point);
    units.addEventListener("keydown", (event) =>
      this.walk(event, this.unit, this.model.sizes(this.layer), (unit) => this.choose(this.layer, unit)),
    );
    const pixelAt = (event) =>
      this.pixels.plot.hit(
        ...this.pixels.at(event),
        this.pixel || this.model.pixelSizes.map(() => this.model.of(0)),
      );
    pixels.addEventListener("click", (event) => {
      const pixel = pixelAt(event),
        sizes = this.model.pixelSizes;
      const outside = pixel.some((at, axis) => at < 0 || (sizes[axis] !== null && at >= sizes[axis]));
      this.ask(outside ? null : this.clamped(pixel, sizes));
    });
    pixels.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.ask(null);
      const sizes = this.model.pixelSizes;
      this.walk(
        event,
        this.pixel ||
          this.clamped(
            sizes.map(() => 0),
            sizes,
          ),
        sizes,
        (pixel) => this.ask(pixel),
      );
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
    go(
      this.clamped(
        place.map((at, i) => (i === axis ? at + this.model.of(step[1]) : at)),
        sizes,
      ),
    );
    event.preventDefault();
  }

  /* Show which units read a pixel, or no longer. */
  ask(pixel) {
    this.pixel = pixel;
    this.show(this.layer, this.unit);
  }

  show(layer, unit) {
    const { model } = this;
    if (layer !== this.layer) this.turnTo(layer);
    this.unit = unit;
    this.box = model.box(layer, unit);
    this.heat = this.box && model.heat(layer, this.box);
    this.readers = this.pixel && model.reading(layer, this.pixel);
    this.units.draw();
    this.pixels.draw();
    this.tell();
  }

  /* What is the same for all units of a layer. */
  turnTo(layer) {
    const { model } = this,
      sizes = model.sizes(layer),
      origin = model.start.layer;
    this.layer = layer;
    this.units.spans = (sizes.length ? sizes : [1]).map((size) => [
      0,
      Number(size === null ? UNITS_SHOWN : size),
    ]);
    this.pixels.spans = model.pixelSizes.map((size, axis) => this.pixelSpan(layer, axis, size));
    this.unitsTitle.replaceChildren(element("b", {}, layer.layer), ` ${model.shape(layer)}`);
    this.pixelsTitle.replaceChildren(element("b", {}, origin), ` ${model.shape(model.start)}`);
    this.units.canvas.setAttribute("aria-label", `Units of ${layer.layer}: arrow keys move to another`);
    const told = "arrow keys and clicks choose one, to see which units read it";
    this.pixels.canvas.setAttribute("aria-label", `Pixels of ${origin}: ${told}`);
  }

  pixelSpan(layer, axis, size) {
    const field = this.model.fields(layer)[axis],
      sizes = this.model.sizes(layer);
    const units = axis >= sizes.length ? 1 : sizes[axis] === null ? UNITS_SHOWN : sizes[axis];
    const span = spanOf(field, this.model.of(units), this.model.of) || [0, 0];
    const first = Math.min(0, Number(span[0])),
      last = Math.max(size === null ? 0 : Number(size) - 1, Number(span[1]));
    return [first, last - first + 1];
  }

  paintUnits(context, plot) {
    const sizes = plot.spans.map(([, count]) => count),
      unit = this.unit.length ? this.unit.map(Number) : [0];
    for (const area of plot.areas) {
      const whole = [area.x, area.y, area.width, area.height];
      context.fillStyle = colours.surface;
      context.fillRect(...whole);
      if (this.readers && this.unit.length === this.readers.length && !this.readers.includes(null))
        mask(context, plot, area, this.readers.map(unitRuns), colours.read);
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
    if (plot.scales[area.across] >= CELLS_SHOWN)
      for (let i = 1; i < sizes[area.across]; i++) {
        const x = Math.round(plot.at(area.across, i)) + 0.5;
        context.moveTo(x, area.y);
        context.lineTo(x, area.y + area.height);
      }
    if (area.down !== null && plot.scales[area.down] >= CELLS_SHOWN)
      for (let i = 1; i < sizes[area.down]; i++) {
        const y = Math.round(plot.at(area.down, i)) + 0.5;
        context.moveTo(area.x, y);
        context.lineTo(area.x + area.width, y);
      }
    context.stroke();
  }

  paintPixels(context, plot) {
    const sizes = this.model.pixelSizes,
      firsts = sizes.map(() => 0);
    const lasts = sizes.map((size, axis) =>
      size === null ? plot.spans[axis][0] + plot.spans[axis][1] - 1 : Number(size) - 1,
    );
    for (const area of plot.areas) {
      const whole = [area.x, area.y, area.width, area.height],
        image = plot.rectangle(area, firsts, lasts);
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
      context.strokeRect(
        image[0] + 0.5,
        image[1] + 0.5,
        Math.max(image[2] - 1, 0),
        Math.max(image[3] - 1, 0),
      );
      if (this.pixel) this.paintPixel(context, plot, area);
    }
  }

  paintField(context, plot, area, image) {
    const box = this.box.map(({ first, last, runs }) => ({ first: Number(first), last: Number(last), runs }));
    mask(context, plot, area, box.map(readRuns), image ? colours.dim : colours.field, image);
    if (!image && this.heat) this.paintHeat(context, plot, area, box);
    const [x, y, width, height] = plot.rectangle(
      area,
      box.map((side) => side.first),
      box.map((side) => side.last),
    );
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    context.strokeRect(x, y, width, height);
    const centre = [x + width / 2, y + height / 2];
    context.beginPath();
    for (const [dx, dy] of [
      [4, 0],
      [0, 4],
    ]) {
      context.moveTo(centre[0] - dx, centre[1] - dy);
      context.lineTo(centre[0] + dx, centre[1] + dy);
    }
    context.strokeStyle = image ? colours.accent : colours.ink;
    context.stroke();
  }

  /* The more of its gradient a unit takes of a pixel at initialization, the darker. */
  paintHeat(context, plot, area, box) {
    const stripes = (axis) =>
      axis === null ? [[0, 0, 1]] : toneRuns(this.heat[axis], box[axis].first);
    context.fillStyle = colours.accent;
    for (const [left, right, across] of stripes(area.across))
      for (const [top, bottom, down] of stripes(area.down)) {
        const x = plot.at(area.across, left),
          width = (right - left + 1) * plot.scales[area.across];
        const [y, height] =
          area.down === null
            ? [area.y, area.height]
            : [plot.at(area.down, top), (bottom - top + 1) * plot.scales[area.down]];
        context.globalAlpha = across * down * MOST_HEAT;
        context.fillRect(x, y, width, height);
      }
    context.globalAlpha = 1;
  }

  /* A dot at the centre of every unit's field, where they lie far enough apart to be seen. */
  paintCentres(context, plot, area) {
    const { model, layer } = this,
      sizes = model.sizes(layer),
      fields = model.fields(layer);
    const centres = [area.across, area.down]
      .filter((axis) => axis !== null)
      .map((axis) => {
        const field = fields[axis];
        if (
          field.kind !== "periodic" ||
          axis >= sizes.length ||
          sizes[axis] === null ||
          sizes[axis] > MOST_DOTS
        )
          return null;
        const found = [];
        for (let unit = model.of(0); unit < sizes[axis]; unit++) {
          const extent = extentOf(field, unit, model.of);
          if (extent) found.push(plot.at(axis, Number(extent.first + extent.last + model.of(1)) / 2));
        }
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
    const { model, layer, unit, box } = this,
      unknown = model.unknown(layer);
    const head = element("p", { class: "unit" }, unit.length ? `unit ${placeText(unit)}` : "vector");
    const lines = [head];
    if (unknown !== null) lines.push(element("p", { class: "reason" }, unknown));
    else if (!box) lines.push(element("p", { class: "reason" }, "it reads nothing"));
    else lines.push(sidesTable(model, box), outsideNote(model, box));
    if (this.heat)
      lines.push(element("p", { class: "heat" }, "Darker: more of its gradient at initialization."));
    if (layer.global)
      lines.push(element("p", {}, "It reads a whole map: the rectangle is of all its units."));
    if (layer.gated)
      lines.push(element("p", {}, `And the whole map, through ${model.through[layer.index]}.`));
    if (this.pixel)
      lines.push(element("p", { class: "readers" }, readersText(model, this.pixel, this.readers)));
    this.facts.replaceChildren(...lines.filter(Boolean));
    const sides = box
      ? box.map((side, axis) => `${model.axes[axis]} ${side.first} to ${side.last}`).join(", ")
      : unknown || "nothing";
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.spoken.textContent = `${layer.layer}, unit ${placeText(unit)} reads ${sides}`;
    }, 300);
  }
}
