/* The page: its networks, what is chosen, and what follows it. */

const THEMES = ["auto", "light", "dark"];

/* One network of the page, with all that shows it. */
class Side {
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
    byId("about").append(...this.models.map((model) => aboutOf(model, this.models[1 - model.place])));
    byId("messages").append(...this.models.flatMap(messagesOf), ...(this.isPair ? [legendOfMarks()] : []));
    byId("convention").textContent = this.models[0].report.convention;
    this.sides = this.models.map((model) => new Side(model, this));
    this.tools();
    const start = startOf(this.models[0]);
    this.choose(0, start, this.models[0].middle(start));
  }

  /* The layer of the other network that corresponds; null where there is none, undefined alone. */
  partner(model, layer) {
    if (!this.isPair) return undefined;
    const other = this.models[1 - model.place],
      index = layer.index > 0 ? this.pairs[model.place].get(layer.index) : 0;
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
    const side = this.sides[network],
      isNew = side.layer !== layer || this.shown !== network;
    this.shown = network;
    side.show(layer, unit);
    if (isNew) this.follow(network, layer);
    this.publish(layer, side.lens.box);
  }

  /* What else changes with the chosen layer: its explanation, and the other network. */
  follow(network, layer) {
    byId("details").replaceChildren(this.sides[network].details.root);
    if (!this.isPair) return;
    const other = this.sides[1 - network],
      partner = this.partner(this.models[network], layer);
    const shown = partner ? partner.layer : other.layer || other.model.layers[0];
    if (shown !== other.layer) other.show(shown, other.model.middle(shown));
  }

  /* What is marked, for scripts: per axis, empty where nothing is. */
  publish(layer, box) {
    const spell = (value) => (box ? box.map(value).join(",") : "");
    const share = (extent) => coverageOf(extent) ?? "";
    const told = { layer: layer.layer, first: spell(({ first }) => first), last: spell(({ last }) => last) };
    Object.assign(byId("field").dataset, told, { coverage: spell(share) });
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
