/* A row for every layer, in the network's order, with rows of their blocks to fold them by. */

class Table {
  constructor(model, choose, partnerOf) {
    Object.assign(this, { model, choose, partnerOf });
    this.sorted = null;
    this.folded = new Set();
    this.search = element("input", {
      type: "search",
      placeholder: "filter by name or type",
      "aria-label": `Filter layers of ${model.name} by name or type`,
      oninput: () => this.update(),
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
    return element("th", { scope: "col", class: column.left ? "left" : "", "aria-sort": "none" }, button);
  }

  /* Rows of parts and of what is inside of them; copies of a block stand one by one. */
  addParts(parts, around, prefix) {
    for (const part of parts) {
      if (!part.inside) {
        if (part.layer > 0) this.rows.push(this.row(this.model.layers[part.layer], around));
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
        cell = element("td", { class: column.left ? "left" : "" }, text);
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
    const cells = COLUMNS.map(({ name, left }) =>
      element(
        name === "layer" ? "th" : "td",
        { class: left ? "left" : "" },
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
        COLUMNS.map(({ name, left }) => element("td", { class: left ? "left" : "" }, texts[name] || "")),
      ),
    );
  }

  /* Numbers from the largest, words from a to z; again, the other way round; then as it was. */
  sort(column) {
    const ways = column.alphabetical ? ["ascending", "descending"] : ["descending", "ascending"];
    const before = this.sorted && this.sorted.column === column ? ways.indexOf(this.sorted.way) : -1;
    const way = ways[before + 1] || null;
    this.sorted = way && { column, way };
    this.heads.forEach((head, place) => {
      head.setAttribute("aria-sort", COLUMNS[place] === column && way ? way : "none");
    });
    this.body.replaceChildren(...(way ? this.sortedRows(column, way) : this.inOrder()));
    this.update();
  }

  /* Those of equal value in the network's order, those of an unknown one last. */
  sortedRows({ order, alphabetical }, way) {
    const sign = way === "ascending" ? 1 : -1;
    const keyed = this.rows.map(({ row, layer }) => ({ row, value: order(layer) }));
    const known = keyed.filter(({ value }) => value !== null);
    const key = ({ value }) => (alphabetical ? value : Number(value));
    known.sort((one, other) => (key(one) < key(other) ? -sign : key(one) > key(other) ? sign : 0));
    return [...known, ...keyed.filter(({ value }) => value === null)].map(({ row }) => row);
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
