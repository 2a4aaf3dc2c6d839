/* Figures along the depth: receptive field against the input, cost of each layer, live memory. */

const CHART_HEIGHT = 100,
  STEP = 100; // a layer's width: browsers draw badly in units of a pixel or more

class Chart {
  constructor(model, { title, value, bars, level, spell, levelName }, choose) {
    Object.assign(this, { model, value, spell, title, level, levelName });
    const known = model.rows
      .flatMap((layer) => this.values(layer))
      .filter((each) => each !== null)
      .map(Number);
    this.most = Math.max(...known, level === undefined ? 0 : Number(level), 1e-9);
    this.count = Math.max(model.rows.length, 1);
    this.line = drawing("rect", { class: "cursor", y: 0, height: CHART_HEIGHT, width: STEP });
    this.figure = element("span", { class: "figure" });
    this.svg = drawing(
      "svg",
      {
        viewBox: `0 0 ${STEP * this.count} ${CHART_HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `${title} of every layer along the depth`,
      },
      bars ? drawing("path", { class: "bars", d: this.bars() }) : this.curves(),
      this.levelLine(),
      this.line,
    );
    this.svg.addEventListener("pointerdown", (event) => choose(this.layerAt(event)));
    this.svg.addEventListener("pointermove", (event) => {
      if (event.buttons) choose(this.layerAt(event));
    });
    this.root = element(
      "figure",
      { class: "chart" },
      element("figcaption", {}, element("b", {}, title), this.figure),
      this.svg,
    );
  }

  values(layer) {
    const found = this.value(layer);
    return Array.isArray(found) ? found : [found === undefined ? null : found];
  }

  height(value) {
    return +(CHART_HEIGHT * (1 - Number(value) / this.most)).toFixed(2);
  }

  bars() {
    return this.model.rows
      .map((layer, i) => {
        const [value] = this.values(layer);
        return value === null || Number(value) === 0
          ? ""
          : `M${STEP * i + 8} ${CHART_HEIGHT}V${this.height(value)}h84V${CHART_HEIGHT}z`;
      })
      .join("");
  }

  /* A stepped curve for each axis, where they differ. */
  curves() {
    const axes = Math.max(...this.model.rows.map((layer) => this.values(layer).length), 1),
      paths = new Set();
    for (let axis = 0; axis < axes; axis++) {
      let path = "",
        drawn = false;
      this.model.rows.forEach((layer, i) => {
        const value = this.values(layer)[axis];
        if (value === null || value === undefined) {
          drawn = false;
          return;
        }
        path += `${drawn ? "L" : "M"}${STEP * i} ${this.height(value)}h${STEP}`;
        drawn = true;
      });
      paths.add(path);
    }
    return [...paths].map((d) => drawing("path", { class: "curve", d }));
  }

  levelLine() {
    if (this.level === undefined || this.level === null) return null;
    const y = this.height(this.level);
    return drawing("path", { class: "level", d: `M0 ${y}H${STEP * this.count}` });
  }

  layerAt(event) {
    const place = this.svg.getBoundingClientRect();
    const index = Math.floor(((event.clientX - place.left) / place.width) * this.count) + 1;
    return this.model.layers[Math.min(Math.max(index, 1), this.model.rows.length)];
  }

  show(layer) {
    this.line.setAttribute("x", STEP * (layer.index - 1));
    const level =
      this.levelName && this.level !== null && this.level !== undefined
        ? ` · ${this.levelName} ${this.spell(this.level)}`
        : "";
    const values = layer.index ? this.values(layer) : [null];
    this.figure.textContent = (layer.index ? axesText(values, this.spell) : "") + level;
  }
}

/* The charts of a network; where nothing is known of a figure, it has none. */
function chartsOf(model, choose) {
  const known = (name) => model.rows.some((layer) => layer[name] !== null && layer[name] !== undefined);
  const pixels = model.pixels.length ? mostOf(model.pixels.map((size) => (size === null ? 0 : size))) : 0;
  const kinds = [
    known("rf") && {
      title: "receptive field",
      value: (layer) => layer.rf,
      spell: numberText,
      level: pixels || undefined,
      levelName: model.start.layer,
    },
    known("macs") && { title: "MACs", value: (layer) => layer.macs, spell: shortNumber, bars: true },
    known("params") && {
      title: "parameters",
      value: (layer) => layer.params,
      spell: shortNumber,
      bars: true,
    },
    known("live") && {
      title: "live memory",
      value: (layer) => layer.live,
      spell: sizeText,
      bars: true,
      level: model.memory && model.memory.peak,
      levelName: "peak",
    },
  ];
  return kinds.filter(Boolean).map((kind) => new Chart(model, kind, choose));
}
