"use strict";
// Draws the graph whose data stands in the page. All text is set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("graph");
  const details = document.getElementById("details");
  const WIDTH = 1200, HEIGHT = 900, MARGIN = 70;
  const NAMES = { MENTIONS: "mentions", PART_OF: "part of", NEXT: "then", SIMILAR_TO: "similar to",
    POSSIBLY_OUTDATED_BY: "possibly outdated by", CONSOLIDATED_INTO: "merged into" };

  const make = (name, values = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const html = (name, text = "", ...children) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    element.append(...children);
    return element;
  };

  // ------------------------------------------------------------------ nodes and edges

  const spread = Math.max(1, Math.sqrt(data.nodes.length / 120));
  for (const node of data.nodes) {
    node.px = MARGIN + node.x * spread * (WIDTH - 2 * MARGIN);
    node.py = MARGIN + node.y * spread * (HEIGHT - 2 * MARGIN);
    node.near = [];
  }
  const world = make("g");
  const lines = data.edges.map((edge) => {
    const a = data.nodes[edge.a], b = data.nodes[edge.b];
    a.near.push([edge, edge.b, true]);
    b.near.push([edge, edge.a, false]);
    return world.appendChild(make("line", { class: edge.kind, x1: a.px, y1: a.py, x2: b.px, y2: b.py }));
  });
  const labelled = data.nodes.filter((node) => node.kind === "memory").length <= 15;
  data.nodes.forEach((node, number) => {
    const shape = node.kind === "conversation"
      ? make("rect", { class: node.css, x: -node.r, y: -node.r, width: 2 * node.r, height: 2 * node.r, rx: 2 })
      : make("circle", { class: node.css, r: node.r });
    const name = node.label.length > 28 ? node.label.slice(0, 27) + "…" : node.label;
    const label = make("text", { y: node.r, dy: "1.1em" });
    label.textContent = name;
    node.always = node.kind !== "memory" || labelled;
    node.element = make("g", { class: "node", transform: `translate(${node.px} ${node.py})`, role: "button",
      tabindex: "-1", "aria-label": `${node.kind}: ${node.label}` }, shape, label);
    node.element.classList.toggle("archived", node.values.archived === true);
    node.text = label;
    node.element.addEventListener("click", () => choose(number));
    node.element.addEventListener("focus", () => { current = number; });
    world.append(node.element);
  });
  svg.append(world);

  // ------------------------------------------------------------------ what is shown

  const kinds = [...new Set(data.nodes.map((node) => node.values.memory_type || node.kind))];
  const filters = document.getElementById("filters");
  const wanted = new Map();
  const offer = (key, text, css, on) => {
    const box = html("input");
    box.type = "checkbox";
    box.checked = on;
    box.addEventListener("change", () => { wanted.set(key, box.checked); refresh(); });
    wanted.set(key, on);
    const label = html("label", "", box);
    if (css) {
      const swatch = html("span");
      swatch.className = `swatch ${css}`;
      label.append(swatch);
    }
    label.append(text);
    filters.append(label);
  };
  for (const kind of kinds) offer(kind, kind, kind, true);
  const lone = (node) => node.kind === "entity" && node.near.length < 2;
  if (data.nodes.some(lone)) offer("lone", "mentioned once", "", data.nodes.length <= 40);

  let current = 0, chosen = null, words = "";
  const visible = (node) => wanted.get(node.values.memory_type || node.kind) && (!lone(node) || wanted.get("lone"));
  const matches = (node) => !words || `${node.label}\n${node.values.content || ""}\n${node.values.speaker || ""}`
    .toLowerCase().includes(words);

  function refresh() {
    const lit = chosen === null ? null : new Set([chosen, ...data.nodes[chosen].near.map(([, other]) => other)]);
    let shown = 0, found = 0;
    data.nodes.forEach((node, number) => {
      const on = visible(node), bright = on && matches(node) && (!lit || lit.has(number));
      shown += on;
      found += on && matches(node);
      node.element.classList.toggle("hidden", !on);
      node.element.classList.toggle("faded", on && !bright);
      node.element.classList.toggle("chosen", number === chosen);
      node.text.classList.toggle("hidden", !((node.always && view.scale > 0.35) || view.scale > 1.8 || (lit && lit.has(number))));
    });
    data.edges.forEach((edge, number) => {
      const on = visible(data.nodes[edge.a]) && visible(data.nodes[edge.b]);
      lines[number].classList.toggle("hidden", !on);
      lines[number].classList.toggle("faded", lit !== null && edge.a !== chosen && edge.b !== chosen);
    });
    if (!visible(data.nodes[current] || { values: {}, near: [] })) current = data.nodes.findIndex(visible);
    data.nodes.forEach((node, number) => node.element.setAttribute("tabindex", number === current ? "0" : "-1"));
    const rest = data.leftOut ? ` ${data.leftOut.toLocaleString("en")} more memories were left out of this page.` : "";
    document.getElementById("count").textContent = !data.nodes.length ? "There are no memories to show."
      : (words ? `${found} of ${shown} nodes match.` : `${shown} nodes are shown.`) + rest;
  }

  function choose(number) {
    chosen = number;
    details.replaceChildren();
    if (number === null) {
      details.append(html("p", data.nodes.length ? "Choose a node to see what it says and what it hangs together with."
        : "There are no memories to show."));
    } else {
      const node = data.nodes[number];
      current = number;
      details.append(html("h2", node.kind === "memory" ? "Memory" : node.label));
      if (node.values.content) details.append(html("p", node.values.content));
      const list = html("dl");
      for (const [key, value] of Object.entries({ kind: node.kind, ...node.values, id: node.id })) {
        if (key === "content" || key === "timestamp" || value === false) continue;
        const time = /_at$|_accessed$/.test(key) && typeof value === "number";
        const text = time ? new Date(value * 1000).toISOString().slice(0, 19) + "Z"
          : typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value);
        list.append(html("dt", key.replaceAll("_", " ")), html("dd", text));
      }
      details.append(list);
      const links = html("ul");
      for (const [edge, other, out] of node.near) {
        const reason = edge.values.reason ? ` (${edge.values.reason})` : "";
        const button = html("button", `${out ? "" : "← "}${NAMES[edge.kind] || edge.kind}: ${data.nodes[other].label}${reason}`);
        button.addEventListener("click", () => { choose(other); centre(other); });
        links.append(html("li", "", button));
      }
      details.append(links);
    }
    refresh();
  }

  // ------------------------------------------------------------------ moving about

  const view = { x: 0, y: 0, scale: 1 };
  function draw() {
    world.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
    // Labels keep their size, whatever the scale.
    world.style.fontSize = `${12 / view.scale}px`;
  }
  function zoom(factor, x = svg.clientWidth / 2, y = svg.clientHeight / 2) {
    const scale = Math.min(20, Math.max(0.02, view.scale * factor));
    view.x = x - (x - view.x) * scale / view.scale;
    view.y = y - (y - view.y) * scale / view.scale;
    view.scale = scale;
    draw();
    refresh();
  }
  function fit() {
    const nodes = data.nodes.filter(visible);
    if (!nodes.length) return;
    const xs = nodes.map((node) => node.px), ys = nodes.map((node) => node.py);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    view.scale = Math.min(2.2, svg.clientWidth / (right - left + 3 * MARGIN), svg.clientHeight / (bottom - top + 2 * MARGIN));
    view.x = svg.clientWidth / 2 - view.scale * (left + right) / 2;
    view.y = svg.clientHeight / 2 - view.scale * (top + bottom) / 2;
    draw();
    refresh();
  }
  function centre(number) {
    const node = data.nodes[number];
    view.x = svg.clientWidth / 2 - view.scale * node.px;
    view.y = svg.clientHeight / 2 - view.scale * node.py;
    draw();
    node.element.focus();
  }

  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 500), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  let held = null;
  svg.addEventListener("pointerdown", (event) => { held = { x: event.clientX - view.x, y: event.clientY - view.y }; });
  window.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) { held = null; return; }
    view.x = event.clientX - held.x;
    view.y = event.clientY - held.y;
    draw();
  });
  window.addEventListener("pointerup", () => { held = null; });

  const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { choose(null); return; }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(current); return; }
    if (event.key === "+" || event.key === "-") { zoom(event.key === "+" ? 1.3 : 1 / 1.3); return; }
    const direction = DIRECTIONS[event.key];
    if (!direction) return;
    event.preventDefault();
    const from = data.nodes[current];
    let best = -1, least = Infinity;
    data.nodes.forEach((node, number) => {
      if (number === current || !visible(node)) return;
      const dx = node.px - from.px, dy = node.py - from.py;
      const along = dx * direction[0] + dy * direction[1], across = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
      if (along > 0 && along + 2 * across < least) { best = number; least = along + 2 * across; }
    });
    if (best >= 0) { current = best; refresh(); data.nodes[best].element.focus(); }
  });

  document.getElementById("in").addEventListener("click", () => zoom(1.3));
  document.getElementById("out").addEventListener("click", () => zoom(1 / 1.3));
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("search").addEventListener("input", (event) => { words = event.target.value.trim().toLowerCase(); refresh(); });
  window.addEventListener("resize", fit);
  choose(null);
  fit();
})();
