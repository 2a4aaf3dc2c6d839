/* The network's graph, blocks closed until they are opened. Ranks, columns and lanes come laid out;
   here they become places, by how large what is open is. */

const NODE_HEIGHT = 24,
  NODE_WIDTH = 168,
  RANK_GAP = 16,
  COLUMN_GAP = 14,
  LANE_WIDTH = 9,
  PADDING = 12,
  HEADING = 26,
  PORT = 6;
const LABELS_WIDTH = 142,
  LONGEST_SHAPE = 13;

const shortened = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

class Graph {
  constructor(model, choose, marks) {
    Object.assign(this, { model, choose, marks });
    this.open = new Set();
    this.svg = drawing("svg", { class: "graph", role: "tree", "aria-label": `Graph of ${model.name}` });
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.root = element("div", { class: "scroll" }, this.svg);
    this.draw();
  }

  draw() {
    const top = this.scope(this.model.graph, null, "", 0);
    this.svg.replaceChildren(top.group);
    this.svg.setAttribute("viewBox", `0 0 ${top.width} ${top.height}`);
    this.svg.setAttribute("width", top.width);
    this.svg.setAttribute("height", top.height);
    this.mark();
  }

  /* A network or an open block: what is in it, with its size. */
  scope(scope, block, prefix, level) {
    const { ranks, columns, lanes } = scope;
    const boxes = ranks.map((_, node) => this.box(scope, node, block, prefix, level));
    const rows = new Array(Math.max(...ranks) + 1).fill(0);
    const widths = new Map(),
      beside = new Map();
    boxes.forEach((box, node) => {
      rows[ranks[node]] = Math.max(rows[ranks[node]], box.height);
      widths.set(columns[node], Math.max(widths.get(columns[node]) || 0, box.width));
      if (lanes[node] !== null)
        beside.set(columns[node], Math.max(beside.get(columns[node]) || 0, lanes[node] + 1));
    });
    const tops = [],
      centres = new Map();
    let y = PADDING,
      x = PADDING;
    for (const height of rows) {
      tops.push(y);
      y += height + RANK_GAP;
    }
    for (const column of [...widths.keys()].sort((one, other) => one - other)) {
      centres.set(column, x + widths.get(column) / 2);
      x += widths.get(column) + (beside.get(column) || 0) * LANE_WIDTH + COLUMN_GAP;
    }
    const places = boxes.map((box, node) => {
      const centre = centres.get(columns[node]),
        lane =
          lanes[node] === null
            ? centre
            : centre + widths.get(columns[node]) / 2 + (lanes[node] + 0.6) * LANE_WIDTH;
      return {
        centre,
        top: tops[ranks[node]],
        bottom: tops[ranks[node]] + box.height,
        below: tops[ranks[node]] + rows[ranks[node]],
        lane,
        rank: ranks[node],
      };
    });
    const path = ([from, to]) => this.edge(places[from], places[to], tops, rows);
    const edges = drawing("path", { class: "edges", d: scope.edges.map(path).join("") });
    boxes.forEach((box, node) =>
      box.group.setAttribute(
        "transform",
        `translate(${places[node].centre - box.width / 2} ${places[node].top})`,
      ),
    );
    return {
      group: drawing(
        "g",
        {},
        edges,
        boxes.map((box) => box.group),
      ),
      width: x - COLUMN_GAP + PADDING,
      height: y - RANK_GAP + PADDING,
    };
  }

  /* Down from one part to another, in a lane where other parts are in the way. */
  edge(from, to, tops, rows) {
    if (to.rank <= from.rank) return `M${from.centre} ${from.top}L${to.centre} ${to.bottom}`;
    let path = `M${from.centre} ${from.bottom}V${from.below}`,
      x = from.centre,
      y = from.below;
    if (to.rank > from.rank + 1) {
      const [start, end] = [tops[from.rank + 1], tops[to.rank - 1] + rows[to.rank - 1]];
      if (from.lane !== x) path += this.bend(x, y, from.lane, start);
      path += `V${end}`;
      [x, y] = [from.lane, end];
    }
    return path + (x === to.centre ? `V${to.top}` : this.bend(x, y, to.centre, to.top));
  }

  bend(x, y, right, below) {
    const middle = (y + below) / 2;
    return `C${x} ${middle} ${right} ${middle} ${right} ${below}`;
  }

  box(scope, node, block, prefix, level) {
    const part = scope.parts[node - 1];
    if (part)
      return part.inside
        ? this.block(part, prefix, level)
        : this.layer(this.model.layers.at(part.layer), prefix);
    if (!block) return this.layer(this.model.layers[0], "");
    return {
      group: drawing("g", {}, drawing("circle", { class: "port", cx: PORT / 2, cy: PORT / 2, r: PORT / 2 })),
      width: PORT,
      height: PORT,
    };
  }

  layer(layer, prefix) {
    const group = this.node(
      layer.layer,
      prefix,
      this.model.shape(layer),
      layer.family,
      `${layer.layer}, ${layer.type}, ${this.model.shape(layer)}`,
    );
    group.dataset.index = layer.index;
    group.addEventListener("click", () => this.choose(layer));
    if (layer.findings && layer.findings.length)
      group.append(drawing("path", { class: "flag", d: "M-7 7l-4.5 9h9z" }));
    if (this.marks.has(layer.index))
      group.append(
        drawing("rect", {
          class: `mark ${this.marks.get(layer.index)}`,
          x: 1,
          y: 1,
          width: NODE_WIDTH - 2,
          height: NODE_HEIGHT - 2,
          rx: 5,
        }),
      );
    return { group, width: NODE_WIDTH, height: NODE_HEIGHT };
  }

  node(name, prefix, shape, family, title) {
    const label = prefix && name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
    return drawing(
      "g",
      { class: "node", role: "treeitem", tabindex: -1, "aria-label": title },
      drawing("title", {}, title),
      drawing("rect", { class: "plate", width: NODE_WIDTH, height: NODE_HEIGHT, rx: 5 }),
      drawing("rect", { class: `family ${family}`, width: 4, height: NODE_HEIGHT, rx: 2 }),
      drawing(
        "text",
        { class: "name", x: 12, y: 16 },
        shortened(label, Math.floor((LABELS_WIDTH - 6.4 * Math.min(shape.length, LONGEST_SHAPE)) / 7)),
      ),
      drawing("text", { class: "shape", x: NODE_WIDTH - 8, y: 16 }, shortened(shape, LONGEST_SHAPE)),
    );
  }

  block(part, prefix, level) {
    const { model } = this,
      isOpen = this.open.has(part),
      copies = part.copies ? ` ×${part.copies}` : "";
    const output = model.layers[part.output],
      title = `${part.name}${copies}: ${part.layers.length} layers, ${model.shape(output)}`;
    const group = this.node(
      part.name + copies,
      prefix,
      model.shape(output),
      "block",
      `${title}; ${isOpen ? "close" : "open"}`,
    );
    group.setAttribute("aria-expanded", isOpen);
    group.dataset.block = part.name + copies;
    group.blockPart = part;
    group.classList.add("block");
    const toggle = () => this.toggle(part, group.dataset.block);
    let made = { group, width: NODE_WIDTH, height: NODE_HEIGHT };
    if (isOpen) {
      const inside = this.scope(part.inside, part, part.copies ? prefix : part.name, level + 1);
      const width = Math.max(inside.width, NODE_WIDTH);
      inside.group.setAttribute(
        "transform",
        `translate(${(width - inside.width) / 2} ${HEADING - PADDING / 2})`,
      );
      const around = drawing("rect", {
        class: "around",
        width,
        height: inside.height + HEADING - PADDING / 2,
        rx: 8,
      });
      group.setAttribute("transform", "translate(0 0)");
      const head = drawing("g", { transform: `translate(${(width - NODE_WIDTH) / 2} 0)` }, group);
      made = {
        group: drawing("g", {}, around, head, inside.group),
        width,
        height: inside.height + HEADING - PADDING / 2,
      };
    } else if (part.layers.some((index) => this.marks.has(index))) {
      group.append(
        drawing("rect", {
          class: "mark differs",
          x: 1,
          y: 1,
          width: NODE_WIDTH - 2,
          height: NODE_HEIGHT - 2,
          rx: 5,
        }),
      );
    }
    if (!isOpen && part.layers.some((index) => model.layers[index].findings.length))
      group.append(drawing("path", { class: "flag", d: "M-7 7l-4.5 9h9z" }));
    group.addEventListener("click", toggle);
    return made;
  }

  toggle(part, name) {
    if (!this.open.delete(part)) this.open.add(part);
    this.draw();
    const again = [...this.svg.querySelectorAll("[data-block]")].find((node) => node.blockPart === part);
    if (again) this.focus(again);
  }

  nodes() {
    return [...this.svg.querySelectorAll(".node")];
  }

  focus(node) {
    for (const each of this.nodes()) each.setAttribute("tabindex", each === node ? 0 : -1);
    node.focus();
  }

  key(event) {
    const nodes = this.nodes(),
      place = nodes.indexOf(document.activeElement),
      next = nextPlace(event.key, place, nodes.length);
    if (place < 0) return;
    const node = nodes[place],
      expanded = node.getAttribute("aria-expanded");
    if (next !== null) this.focus(nodes[next]);
    else if (event.key === "Enter" || event.key === " ") node.dispatchEvent(new MouseEvent("click"));
    else if (
      (event.key === "ArrowRight" && expanded === "false") ||
      (event.key === "ArrowLeft" && expanded === "true")
    )
      node.dispatchEvent(new MouseEvent("click"));
    else return;
    event.preventDefault();
  }

  show(layer) {
    this.shown = layer;
    this.mark();
    requestAnimationFrame(() => this.reveal());
  }

  /* Scroll to what is chosen, within the graph alone. */
  reveal() {
    const node = this.svg.querySelector(".node.chosen");
    if (!node) return;
    const place = node.getBoundingClientRect(),
      around = this.root.getBoundingClientRect();
    if (place.top < around.top || place.bottom > around.bottom)
      this.root.scrollTop += place.top - around.top - around.height / 3;
  }

  /* The chosen layer's node, or the closed block that it is in. */
  mark() {
    const nodes = this.nodes();
    for (const node of nodes) {
      const part = node.blockPart,
        index = this.shown && this.shown.index;
      const isIt = part ? part.layers.includes(index) : Number(node.dataset.index) === index;
      const isOpen = Boolean(part && this.open.has(part));
      node.classList.toggle("chosen", isIt && !isOpen);
      node.classList.toggle("holds", isIt && isOpen);
      node.setAttribute("aria-selected", isIt && !isOpen);
    }
    if (!nodes.some((node) => node.getAttribute("tabindex") === "0") && nodes.length)
      nodes[0].setAttribute("tabindex", 0);
  }
}
