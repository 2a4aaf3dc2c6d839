/* A row for every layer, in the network's order, with rows of their blocks to fold them by. */

const windowText = (layer) => {
  if (!layer.kernel) return "";
  const parts = [axesText(layer.kernel)],
    padding =
      layer.padding &&
      layer.padding.map(([before, after]) => (before === after ? before : `${before}:${after}`));
  if (layer.stride.some((each) => each !== 1)) parts.push(`/${axesText(layer.stride)}`);
  if (padding && padding.some((each) => each !== 0))
    parts.push(`+${axesText(padding, (each) => (each === null ? "?" : String(each)))}`);
  if (layer.dilation.some((each) => each !== 1)) parts.push(`d${axesText(layer.dilation)}`);
  return parts.join(" ");
};
const product = (values) =>
  values && values.length && !values.includes(null)
    ? values.map(Number).reduce((one, other) => one * other, 1)
    : null;
const fieldMark = (layer) => (layer.gated ? "+" : "");

/* Heading, what it means, what a row has to show and to sort by, and what has to be equal in two networks. */
const COLUMNS = [
  {
    name: "#",
    title: "place in the network",
    text: (layer) => String(layer.index),
    order: (layer) => layer.index,
    compared: null,
  },
  {
    name: "layer",
    title: "name",
    text: (layer) => layer.layer,
    order: (layer) => layer.layer,
    words: true,
    compared: null,
  },
  {
    name: "type",
    title: "type",
    text: (layer) => layer.type,
    order: (layer) => layer.type,
    words: true,
    compared: (layer) => layer.type,
  },
  {
    name: "window",
    title: "kernel /stride +padding d dilation",
    text: windowText,
    order: (layer) => product(layer.kernel),
    words: true,
    compared: (layer) => [layer.kernel, layer.stride, layer.padding, layer.dilation],
  },
  {
    name: "output",
    title: "output shape",
    text: (layer, model) => model.shape(layer),
    order: (layer) => product(layer.out_shape),
    compared: (layer) => layer.out_shape,
  },
  {
    name: "params",
    title: "parameters",
    text: (layer) => numberText(layer.params),
    order: (layer) => layer.params,
    compared: (layer) => layer.params,
  },
  {
    name: "MACs",
    title: "multiply–accumulates",
    text: (layer) => shortNumber(layer.macs),
    whole: (layer) => numberText(layer.macs),
    order: (layer) => layer.macs,
    compared: (layer) => layer.macs,
  },
  {
    name: "rf",
    title: "receptive field, in pixels",
    text: (layer) => axesText(layer.rf) + fieldMark(layer),
    order: (layer) => product(layer.rf),
    compared: (layer) => layer.rf,
  },
  {
    name: "stride",
    title: "effective stride, in pixels",
    text: (layer) => axesText(layer.eff_stride),
    order: (layer) => product(layer.eff_stride),
    compared: (layer) => layer.eff_stride,
  },
  {
    name: "live",
    title: "live memory while it runs",
    text: (layer) => sizeText(layer.live),
    whole: (layer) => numberText(layer.live),
    order: (layer) => (layer.live === undefined ? null : layer.live),
    compared: (layer) => layer.live,
  },
];

class Table {
  constructor(model, choose, partnerOf) {
    Object.assign(this, { model, choose, partnerOf });
    this.sorted = null;
    this.folded = new Set();
    this.search = element("input", {
      type: "search",
      placeholder: "filter by name or type",
      "aria-label": `Filter layers of ${model.name} by name or type`,
      oninput: () => this.filter(),
    });
    this.foldButton = element("button", { type: "button", onclick: () => this.foldAll() }, "Fold blocks");
    this.count = element("span", { class: "count", role: "status" });
    this.heads = COLUMNS.map((column) => this.head(column));
    this.body = element("tbody");
    this.rows = [];
    this.blocks = [];
    this.addParts(model.graph.parts, [], "");
    this.body.append(...this.inOrder());
    const table = element(
      "table",
      { class: "layers" },
      element("caption", { class: "spoken" }, `Layers of ${model.name}`),
      element("thead", {}, element("tr", {}, this.heads)),
      this.body,
      this.foot(),
    );
    table.addEventListener("keydown", (event) => this.key(event));
    this.root = element(
      "div",
      { class: "tablebox" },
      element("div", { class: "controls" }, this.search, this.foldButton, this.count),
      element("div", { class: "scroll" }, table),
    );
    if (!this.blocks.length) this.foldButton.hidden = true;
    this.update();
  }

  head(column) {
    const button = element(
      "button",
      { type: "button", title: `${column.title}: sort`, onclick: () => this.sort(column) },
      column.name,
    );
    return element("th", { scope: "col", class: column.words ? "words" : "", "aria-sort": "none" }, button);
  }

  /* Rows of parts and of what is inside of them; copies of a block stand one by one. */
  addParts(parts, around, prefix) {
    for (const part of parts) {
      if (!part.inside) {
        this.rows.push(this.row(this.model.layers[part.layer], around));
        continue;
      }
      if (part.copies) {
        this.addParts(part.inside.parts, around, prefix);
        continue;
      }
      const block = this.blockRow(part, around);
      this.blocks.push(block);
      this.addParts(part.inside.parts, [...around, block], part.name);
    }
  }

  row(layer, around) {
    const { model } = this,
      partner = this.partnerOf(layer);
    const cells = COLUMNS.map((column) => {
      const text = column.text(layer, model),
        cell = element("td", { class: column.words ? "words" : "" }, text);
      if (column.whole && column.whole(layer) !== text) cell.title = column.whole(layer);
      if (column.name === "rf" && this.exceeds(layer)) cell.classList.add("beyond");
      if (partner && column.compared && !sameValues(column.compared(layer), column.compared(partner.layer))) {
        cell.classList.add("differs");
        cell.title = `${partner.model.name}: ${column.text(partner.layer, partner.model) || "none"}`;
      }
      return cell;
    });
    cells[1].style.paddingLeft = `${8 + 10 * around.length}px`;
    cells[1].prepend(element("i", { class: `family ${layer.family}` }));
    if (layer.findings.length)
      cells[1].append(
        element(
          "span",
          {
            class: "flag",
            title: layer.findings
              .map((finding) => `${finding.code} ${finding.rule}: ${finding.found}`)
              .join("\n"),
          },
          " ▲",
        ),
      );
    const row = element(
      "tr",
      { tabindex: -1, "data-layer": layer.layer, "data-network": model.place, "aria-selected": "false" },
      cells,
    );
    if (partner === null) {
      row.classList.add("alone");
      row.title = "only in this network";
    }
    row.addEventListener("click", () => this.choose(layer));
    return { row, layer, around };
  }

  exceeds(layer) {
    return (
      layer.rf &&
      layer.rf.some(
        (rf, axis) =>
          rf !== null && this.model.pixels[axis] !== null && Number(rf) > Number(this.model.pixels[axis]),
      )
    );
  }

  blockRow(part, around) {
    const { model } = this,
      layers = part.layers.map((index) => model.layers[index]);
    const total = (name) =>
      layers.some((layer) => layer[name] === null)
        ? null
        : layers.reduce((sum, layer) => sum + Number(layer[name]), 0);
    const output = model.layers[part.output];
    const block = {
      part,
      around,
      button: element("button", { type: "button", class: "fold", "aria-expanded": "true" }, part.name),
    };
    const texts = {
      output: model.shape(output),
      params: numberText(total("params")),
      MACs: shortNumber(total("macs")),
      rf: axesText(output.rf) + fieldMark(output),
      stride: axesText(output.eff_stride),
    };
    const cells = COLUMNS.map(({ name, words }) =>
      element(
        name === "layer" ? "th" : "td",
        { class: words ? "words" : "" },
        name === "layer" ? block.button : name === "type" ? `${layers.length} layers` : texts[name] || "",
      ),
    );
    cells[1].style.paddingLeft = `${10 * around.length}px`;
    cells[1].setAttribute("scope", "rowgroup");
    block.row = element("tr", { class: "block" }, cells);
    block.first = part.layers[0];
    block.button.addEventListener("click", () => this.fold(block));
    return block;
  }

  /* Layers in the network's order, each block's row before its first layer. */
  inOrder() {
    const items = [
      ...this.rows.map((each) => ({ row: each.row, key: [each.layer.index, 1, 0] })),
      ...this.blocks.map((each) => ({ row: each.row, key: [each.first, 0, each.around.length] })),
    ];
    return items
      .sort(
        (one, other) => one.key[0] - other.key[0] || one.key[1] - other.key[1] || one.key[2] - other.key[2],
      )
      .map((item) => item.row);
  }

  foot() {
    const totals = this.model.report.totals;
    if (!totals) return null;
    const texts = {
      layer: "total",
      params: numberText(totals.params),
      MACs: shortNumber(totals.macs),
      live: this.model.memory ? sizeText(this.model.memory.peak) : "",
    };
    return element(
      "tfoot",
      {},
      element(
        "tr",
        {},
        COLUMNS.map(({ name, words }) => element("td", { class: words ? "words" : "" }, texts[name] || "")),
      ),
    );
  }

  /* Numbers from the largest, words from a to z; again, the other way round; then as it was. */
  sort(column) {
    const place = COLUMNS.indexOf(column),
      first = column.words && column.name !== "window" ? "ascending" : "descending";
    const before = this.sorted && this.sorted.column === column ? this.sorted.way : null;
    const way =
      before === null
        ? first
        : before === first
          ? first === "ascending"
            ? "descending"
            : "ascending"
          : null;
    this.sorted = way && { column, way };
    this.heads.forEach((head, i) => head.setAttribute("aria-sort", i === place && way ? way : "none"));
    this.body.replaceChildren(...(way ? this.sortedRows(column, way) : this.inOrder()));
    this.update();
  }

  sortedRows(column, way) {
    const sign = way === "ascending" ? 1 : -1,
      key = (each) => {
        const value = column.order(each.layer);
        return value === null || (column.words && column.name !== "window") ? value : Number(value);
      };
    const known = this.rows.filter((each) => key(each) !== null),
      unknown = this.rows.filter((each) => key(each) === null);
    known.sort((one, other) => {
      const [a, b] = [key(one), key(other)];
      return a < b ? -sign : a > b ? sign : one.layer.index - other.layer.index;
    });
    return [...known, ...unknown].map((each) => each.row);
  }

  filter() {
    this.update();
  }

  fold(block) {
    if (!this.folded.delete(block)) this.folded.add(block);
    this.update();
  }

  foldAll() {
    if (this.folded.size) this.folded.clear();
    else this.blocks.forEach((block) => this.folded.add(block));
    this.update();
  }

  /* Which rows are seen: those that fit the filter, outside of folded blocks; sorted, all stand by themselves. */
  update() {
    const asked = this.search.value.trim().toLowerCase(),
      flat = Boolean(asked || this.sorted);
    let fitting = 0;
    for (const { row, layer, around } of this.rows) {
      const fits =
        !asked || layer.layer.toLowerCase().includes(asked) || layer.type.toLowerCase().includes(asked);
      row.hidden = !fits || (!flat && around.some((block) => this.folded.has(block)));
      fitting += fits;
    }
    for (const block of this.blocks) {
      block.row.hidden = flat || block.around.some((outer) => this.folded.has(outer));
      block.button.setAttribute("aria-expanded", !this.folded.has(block));
    }
    this.foldButton.textContent = this.folded.size ? "Unfold blocks" : "Fold blocks";
    this.count.textContent = asked
      ? `${fitting} of ${this.rows.length} layers`
      : `${this.rows.length} layers`;
    const seen = this.rows.filter(({ row }) => !row.hidden);
    if (seen.length && !seen.some(({ row }) => row.tabIndex === 0)) seen[0].row.tabIndex = 0;
  }

  key(event) {
    const row = event.target.closest("tr[data-layer]");
    if (!row || event.target !== row) return;
    const seen = [...this.body.rows].filter((each) => !each.hidden && each.dataset.layer !== undefined);
    const next = nextPlace(event.key, seen.indexOf(row), seen.length);
    if (next !== null) this.focus(seen[next]);
    else if (event.key === "Enter" || event.key === " ")
      this.choose(this.rows.find((each) => each.row === row).layer);
    else return;
    event.preventDefault();
  }

  focus(row) {
    for (const each of this.rows) each.row.tabIndex = each.row === row ? 0 : -1;
    row.focus();
  }

  show(layer) {
    for (const { row, layer: own } of this.rows) {
      const isIt = own === layer;
      row.setAttribute("aria-selected", isIt);
      if (isIt) for (const each of this.rows) each.row.tabIndex = each.row === row ? 0 : -1;
    }
  }
}
