/* How a layer's figures come about, and what is to be said of it. */

class Details {
  constructor(model, choose) {
    Object.assign(this, { model, choose });
    this.root = element("section", {
      class: "details",
      "aria-label": `How the figures of ${model.name} come about`,
    });
  }

  show(layer) {
    const { model } = this;
    this.root.replaceChildren(
      element("h2", {}, layer.layer, element("small", {}, ` ${layer.type}`)),
      ...(layer.findings || []).map((finding) => this.finding(finding)),
      layer.index > 0
        ? this.explanation(model.explain.layers[layer.index - 1])
        : element("p", {}, this.aboutInput(layer)),
      ...[this.symbols(), this.allFindings()].filter(Boolean),
    );
  }

  aboutInput(layer) {
    const { start, layers } = this.model;
    if (layer === start) return "The network's input: every unit reads its own pixel.";
    const what = layer === layers[0] ? "The network's input" : "Another input";
    return `${what}. Fields are in units of ${start.layer}; --from ${layer.layer} shows its own.`;
  }

  finding(finding) {
    const source = finding.source ? ` [${finding.source}]` : "";
    return element(
      "div",
      { class: `finding ${finding.severity}` },
      element("b", {}, `${finding.code} ${finding.rule}`),
      element("p", {}, finding.found),
      element("p", { class: "remedy" }, `${finding.remedy}${source}`),
    );
  }

  explanation(rows) {
    return element(
      "dl",
      {},
      rows.map(([quantity, symbol, formula, numbers, result, note]) => {
        const start = symbol ? `${symbol} = ` : "",
          filled = numbers || formula;
        return element(
          "div",
          {},
          element("dt", {}, quantity),
          formula && numbers ? element("dd", { class: "formula" }, start + formula) : null,
          element("dd", {}, start + filled, result ? element("b", {}, (filled ? " = " : "") + result) : null),
          note ? element("dd", { class: "note" }, note) : null,
        );
      }),
    );
  }

  symbols() {
    const { symbols, notes } = this.model.explain;
    if (!symbols.length) return null;
    const rows = symbols.map(([symbol, meaning]) =>
      element("div", {}, element("dt", {}, symbol), element("dd", {}, meaning)),
    );
    return element(
      "details",
      {},
      element("summary", {}, "What the symbols mean"),
      element("dl", { class: "symbols" }, rows),
      notes.map((note) => element("p", { class: "note" }, note)),
    );
  }

  allFindings() {
    const { model } = this;
    if (!model.findings.length) return null;
    const button = (finding) =>
      element(
        "li",
        {},
        element(
          "button",
          { type: "button", onclick: () => this.choose(model.layerOf(finding.layers[0])) },
          `${finding.code} ${finding.rule}`,
        ),
        ` at ${finding.layers[0]}${finding.layers.length > 1 ? ` and ${finding.layers.length - 1} more` : ""}`,
      );
    return element(
      "details",
      { class: "findings" },
      element("summary", {}, `Findings of the whole network: ${model.findings.length}`),
      element("ul", {}, model.findings.map(button)),
    );
  }
}
