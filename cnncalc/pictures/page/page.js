/* The page: its networks, what is chosen, and what follows it. */

const THEMES = ["auto", "light", "dark"];

class Side {
  /* One network of the page, with all that shows it. */
  constructor(model, app) {
    this.model = model;
    const choose = (layer) => app.choose(model.place, layer, model.middle(layer));
    this.lens = new Lens(model, (layer, unit) => app.choose(model.place, layer, unit));
    this.charts = chartsOf(model, choose);
    this.graph = new Graph(model, choose, app.marks(model));
    this.table = new Table(model, choose, (layer) => app.partner(model, layer));
    this.details = new Details(model, choose);
    byId("field").append(
      element(
        "div",
        { class: "view" },
        app.isPair ? element("h2", {}, model.name) : null,
        this.lens.root,
        element(
          "div",
          { class: "charts" },
          this.charts.map((chart) => chart.root),
        ),
      ),
    );
    byId("graph").append(
      element("div", { class: "view" }, app.isPair ? element("h2", {}, model.name) : null, this.graph.root),
    );
    byId("layers").append(
      element("div", { class: "view" }, app.isPair ? element("h2", {}, model.name) : null, this.table.root),
    );
  }

  show(layer, unit) {
    const isNew = this.layer !== layer;
    this.layer = layer;
    this.lens.show(layer, unit);
    if (!isNew) return;
    for (const part of [...this.charts, this.graph, this.table, this.details]) part.show(layer);
  }
}

class App {
  constructor({ networks, pairs, channelsLast }) {
    this.models = networks.map((network, place) => new Model(network, place, channelsLast));
    this.isPair = this.models.length > 1;
    this.pairs = [new Map(pairs), new Map(pairs.map(([one, other]) => [other, one]))];
    document.body.classList.toggle("pair", this.isPair);
    readColours();
    this.head();
    this.sides = this.models.map((model) => new Side(model, this));
    this.tools();
    const start =
      this.models[0].rows.find(
        (layer) =>
          layer.kernel && layer.rf.every((rf, axis) => Number(rf) * 3 >= Number(this.models[0].pixels[axis])),
      ) ||
      this.models[0].rows[0] ||
      this.models[0].layers[0];
    this.choose(0, start, this.models[0].middle(start));
  }

  /* The layer of the other network that corresponds; null where there is none, undefined alone. */
  partner(model, layer) {
    if (!this.isPair) return undefined;
    const other = this.models[1 - model.place],
      index = layer.index ? this.pairs[model.place].get(layer.index) : 0;
    return index === undefined ? null : { model: other, layer: other.layers[index] };
  }

  /* By layer, whether it is alone or differs from the one of the other network. */
  marks(model) {
    const found = new Map();
    if (!this.isPair) return found;
    for (const layer of model.rows) {
      const partner = this.partner(model, layer);
      if (partner === null) found.set(layer.index, "alone");
      else if (
        COLUMNS.some(({ compared }) => compared && !sameValues(compared(layer), compared(partner.layer)))
      )
        found.set(layer.index, "differs");
    }
    return found;
  }

  head() {
    const abouts = this.models.map((model) => {
      const { totals } = model.report,
        input = shapeText(model.report.input, model.channelsLast);
      const sums = totals ? [`${shortNumber(totals.params)} params`, `${shortNumber(totals.macs)} MACs`] : [];
      const memory = model.memory ? [`${sizeText(model.memory.peak)} peak`] : [];
      const findings = model.findings.length
        ? [`${model.findings.length} finding${model.findings.length > 1 ? "s" : ""}`]
        : [];
      const origin = model.origin === null ? [] : [`fields from ${model.origin}`];
      const batch = model.batch > 1 ? [`batch ${model.batch}`] : [];
      return element(
        "p",
        {},
        element("span", { class: "network" }, model.name),
        [
          `input ${input}`,
          `${model.rows.length} layers`,
          ...sums,
          ...memory,
          ...batch,
          ...origin,
          ...findings,
        ].map((text) => element("span", {}, text)),
      );
    });
    byId("about").append(...abouts);
    for (const model of this.models) {
      if (model.report.error)
        byId("messages").append(
          element(
            "p",
            { class: "error", role: "alert" },
            element("b", {}, `${model.name} stops here. `),
            model.report.error,
          ),
        );
      for (const warning of model.warnings)
        byId("messages").append(element("p", { class: "warning" }, warning));
    }
    if (this.isPair)
      byId("messages").append(
        element(
          "p",
          { class: "legend" },
          element("span", { class: "differs" }, "marked"),
          " differs from the layer that corresponds in the other network, ",
          element("span", { class: "alone" }, "marked"),
          " has none there.",
        ),
      );
    byId("convention").textContent = this.models[0].report.convention;
  }

  tools() {
    const theme = byId("theme");
    theme.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(theme.dataset.theme) + 1) % THEMES.length];
      theme.dataset.theme = next;
      theme.textContent = `Theme: ${next}`;
      if (next === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      this.repaint();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    matchMedia("print").addEventListener("change", () => this.repaint());
    byId("picture").addEventListener("change", (event) => this.takePicture(event.target.files[0]));
    byId("nopicture").addEventListener("click", () => this.setPicture(null));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      this.takePicture(event.dataTransfer.files[0]);
    });
  }

  repaint() {
    readColours();
    for (const { lens } of this.sides) {
      lens.units.draw();
      lens.pixels.draw();
    }
  }

  /* A picture of the reader's own: it goes nowhere. */
  async takePicture(file) {
    if (!file) return;
    try {
      this.setPicture(await createImageBitmap(file));
    } catch {
      byId("picturename").textContent = "that is no picture";
    }
  }

  setPicture(picture) {
    byId("picturename").textContent = "";
    byId("picture").value = "";
    byId("nopicture").hidden = !picture;
    for (const { lens } of this.sides) {
      lens.picture = picture;
      lens.pixels.draw();
    }
  }

  choose(network, layer, unit) {
    const model = this.models[network],
      side = this.sides[network],
      isNew = side.layer !== layer || this.shown !== network;
    this.shown = network;
    side.show(layer, unit);
    const partner = isNew && this.partner(model, layer);
    if (partner) this.sides[1 - network].show(partner.layer, partner.model.middle(partner.layer));
    else if (isNew && this.isPair && !this.sides[1 - network].layer)
      this.sides[1 - network].show(
        this.models[1 - network].layers[0],
        this.models[1 - network].middle(this.models[1 - network].layers[0]),
      );
    if (isNew) byId("details").replaceChildren(side.details.root);
    const { box } = side.lens,
      data = byId("field").dataset;
    const told = (value) => (box ? box.map(value).join(",") : "");
    data.layer = layer.layer;
    data.first = told((extent) => extent.first);
    data.last = told((extent) => extent.last);
    data.coverage = told((extent) => {
      const share = coverageOf(extent);
      return share === null ? "" : share;
    });
  }
}

const app = new App(unpacked(byId("data").textContent));

/* For scripts: show a unit of a layer, [] for a vector; and which units read a pixel, per axis. */
window.cnncalc = {
  select(layer, unit, network = 0) {
    const model = app.models[network],
      found = model.layerOf(layer);
    app.choose(network, found, model.checkedPlace(unit, model.sizes(found), "unit"));
  },
  reading(layer, pixel, network = 0) {
    const model = app.models[network];
    return model.reading(model.layerOf(layer), model.checkedPlace(pixel, model.pixelSizes, "pixel"));
  },
};
