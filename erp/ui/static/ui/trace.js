/* Draws a trace from left to right: materials, product, customers. The lists below say the same. */
"use strict";
(() => {
  const COLUMN = 210;
  const ROW = 56;
  const SHAPES = {
    material: "ellipse", component: "hexagon", semi: "diamond", product: "rectangle",
    unit: "round-rectangle", source: "tag", target: "rhomboid",
  };
  const TONES = ["good", "waiting", "bad", "recall", "draft", "info"];

  /* Tokens are written with light-dark(): the browser works out which value is in force. */
  const colours = (element) => {
    const probe = document.createElement("span");
    element.append(probe);
    const read = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const names = ["ink", "ink-soft", "ink-faint", "surface", "line-strong", "accent", ...TONES, ...TONES.map((t) => `${t}-soft`)];
    const found = Object.fromEntries(names.map((name) => [name, read(name)]));
    found.font = getComputedStyle(element).fontFamily;
    probe.remove();
    return found;
  };

  /* Columns: as far right as the longest way to a node, so that every arrow points right. */
  const columns = (nodes, arrows) => {
    const rank = new Map(nodes.map((node) => [node.id, 0]));
    for (let round = 0, moved = true; moved && round < nodes.length && round < 60; round += 1) {
      moved = false;
      arrows.forEach(({ source, target }) => {
        if (source !== target && rank.get(target) < rank.get(source) + 1 && rank.get(source) < 60) {
          rank.set(target, rank.get(source) + 1);
          moved = true;
        }
      });
    }
    /* Sources without a way in stand right before what they go into. */
    nodes.forEach((node) => {
      const outs = arrows.filter((arrow) => arrow.source === node.id && arrow.target !== node.id);
      const entered = arrows.some((arrow) => arrow.target === node.id && arrow.source !== node.id);
      if (!entered && outs.length) rank.set(node.id, Math.max(0, Math.min(...outs.map((arrow) => rank.get(arrow.target))) - 1));
    });
    return rank;
  };

  const places = (nodes, arrows) => {
    const rank = columns(nodes, arrows);
    const byColumn = new Map();
    nodes.forEach((node) => {
      const column = rank.get(node.id);
      if (!byColumn.has(column)) byColumn.set(column, []);
      byColumn.get(column).push(node.id);
    });
    const order = [...byColumn.keys()].sort((a, b) => a - b);
    const position = new Map();
    const number = () => order.forEach((column) => byColumn.get(column).forEach((id, i) => position.set(id, i - byColumn.get(column).length / 2)));
    const near = new Map(nodes.map((node) => [node.id, { left: [], right: [] }]));
    arrows.forEach(({ source, target }) => {
      near.get(source)?.right.push(target);
      near.get(target)?.left.push(source);
    });
    number();
    /* A few sweeps put every node beside the middle of its neighbours: fewer crossings. */
    for (let sweep = 0; sweep < 6; sweep += 1) {
      const side = sweep % 2 ? "right" : "left";
      (sweep % 2 ? [...order].reverse() : order).forEach((column) => {
        const middle = (id) => {
          const others = near.get(id)[side];
          return others.length ? others.reduce((sum, other) => sum + position.get(other), 0) / others.length : position.get(id);
        };
        const weighed = byColumn.get(column).map((id) => [id, middle(id)]);
        weighed.sort((a, b) => a[1] - b[1]);
        byColumn.set(column, weighed.map(([id]) => id));
        byColumn.get(column).forEach((id, i) => position.set(id, i - byColumn.get(column).length / 2));
      });
    }
    return (id) => ({ x: order.indexOf(rank.get(id)) * COLUMN, y: position.get(id) * ROW });
  };

  const style = (c) => [
    {
      selector: "node",
      style: {
        shape: (node) => SHAPES[node.data("shape")] ?? "rectangle",
        width: (node) => (node.data("what") === "lot" || node.data("what") === "side" ? 26 : 40),
        height: (node) => (node.data("what") === "lot" || node.data("what") === "side" ? 26 : 40),
        "background-color": (node) => c[`${node.data("tone")}-soft`],
        "border-color": (node) => c[node.data("tone")],
        "border-width": (node) => (node.data("start") ? 4 : node.data("what") === "lot" ? 1.5 : 3),
        "border-style": (node) => (node.data("opens") ? "double" : "solid"),
        label: (node) => (node.data("count") > 1 ? `${node.data("label")} (${node.data("count")})` : node.data("label")),
        color: c.ink,
        "font-family": c.font,
        "font-size": 11,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-wrap": "ellipsis",
        "text-max-width": 160,
        "min-zoomed-font-size": 7,
      },
    },
    {
      selector: "edge",
      style: {
        width: (edge) => Math.min(6, 1 + Math.log10(edge.data("count") || 1)),
        "line-color": c["line-strong"],
        "line-style": (edge) => (edge.data("precision") === "unit" ? "solid" : "dashed"),
        "target-arrow-color": c["line-strong"],
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
      },
    },
    { selector: ".is-off", style: { opacity: 0.18 } },
    { selector: "edge.is-way", style: { "line-color": c.accent, "target-arrow-color": c.accent } },
    { selector: "node:selected", style: { "border-color": c.accent, "border-width": 4 } },
  ];

  const elements = (drawing) => {
    const known = new Set(drawing.nodes.map((node) => node.id));
    const arrows = drawing.arrows.filter((arrow) => known.has(arrow.source) && known.has(arrow.target));
    const place = places(drawing.nodes, arrows);
    return [
      ...drawing.nodes.map((node) => ({ group: "nodes", data: node, position: place(node.id) })),
      ...arrows.map((arrow) => ({ group: "edges", data: { ...arrow, id: `${arrow.source}→${arrow.target}` } })),
    ];
  };

  const library = (address) => new Promise((resolve, reject) => {
    if (window.cytoscape) { resolve(window.cytoscape); return; }
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.cytoscape));
    script.addEventListener("error", reject);
    document.head.append(script);
  });

  const tell = (tip, data) => {
    tip.replaceChildren();
    const strong = document.createElement(data.url ? "a" : "strong");
    if (data.url) strong.href = data.url;
    strong.className = "mono";
    strong.textContent = data.label;
    const detail = document.createElement("span");
    detail.className = "trace-tip-detail";
    detail.textContent = [data.detail, data.state].filter(Boolean).join(" · ");
    tip.append(strong, detail);
    tip.hidden = false;
  };

  const start = async (box) => {
    const page = box.closest(".trace");
    const tip = box.parentElement.querySelector("[data-trace-tip]");
    const kept = document.getElementById("trace-drawing");
    const own = new URL(box.dataset.source, window.location.href);
    const fetched = async (opened) => {
      const address = new URL(own);
      if (page) new URLSearchParams(window.location.search).forEach((value, name) => address.searchParams.append(name, value));
      opened.forEach((name) => address.searchParams.append("open", name));
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    };
    const drawing = page && kept ? JSON.parse(kept.textContent) : await fetched([]);
    if (!page && drawing.nodes.length < 2) return;
    /* Cytoscape writes one style element, which the content policy refuses; trace.css says the same. */
    if (!document.getElementById("__________cytoscape_stylesheet")) {
      const marker = document.createElement("meta");
      marker.id = "__________cytoscape_stylesheet";
      document.head.append(marker);
    }
    const cytoscape = await library(box.dataset.library);
    box.hidden = false;
    const graph = cytoscape({
      container: box, elements: elements(drawing), style: style(colours(box)), layout: { name: "preset" },
      minZoom: 0.05, maxZoom: 2.5, autoungrabify: true, boxSelectionEnabled: false, userZoomingEnabled: Boolean(page),
    });
    const fit = () => {
      graph.fit(undefined, 32);
      if (graph.zoom() > 1.2) { graph.zoom(1.2); graph.center(); }
    };
    fit();
    const opened = [];
    const again = async () => {
      const next = await fetched(opened);
      graph.elements().remove();
      graph.add(elements(next));
      fit();
      const close = page?.querySelector("[data-trace-close]");
      if (close) close.hidden = !opened.length;
    };
    /* The whole way through a node, back and on, stands out. */
    const light = (node) => {
      const way = node.predecessors().union(node.successors()).union(node);
      graph.elements().not(way).addClass("is-off");
      way.edges().addClass("is-way");
      tell(tip, node.data());
    };
    const dark = () => graph.elements().removeClass("is-off is-way");
    graph.on("mouseover", "node", (event) => light(event.target));
    graph.on("mouseout", "node", dark);
    graph.on("tap", "node", async (event) => {
      const data = event.target.data();
      light(event.target);
      if (data.opens && page) {
        opened.push(data.id);
        box.setAttribute("aria-busy", "true");
        try { await again(); } catch { opened.pop(); }
        box.removeAttribute("aria-busy");
      }
    });
    graph.on("dbltap", "node", (event) => { if (event.target.data("url")) window.location.assign(event.target.data("url")); });
    graph.on("tap", (event) => { if (event.target === graph) { dark(); tip.hidden = true; } });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.style(style(colours(box))));
    new MutationObserver(() => graph.style(style(colours(box)))).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    if (!page) return;
    page.dataset.drawn = "";
    page.querySelectorAll("[data-trace-tools]").forEach((element) => { element.hidden = false; });
    page.querySelector("[data-trace-fit]")?.addEventListener("click", fit);
    page.querySelector("[data-trace-close]")?.addEventListener("click", () => { opened.length = 0; again(); });
    window.addEventListener("resize", () => graph.resize());
  };

  document.querySelectorAll("[data-trace-graph]").forEach((box) => {
    /* The lists carry everything: when the drawing fails, the page is only plainer. */
    const go = () => start(box).catch((error) => { box.hidden = true; console.warn("trace graph", error); });
    const small = box.closest(".trace") && matchMedia("(max-width: 767px)").matches;
    if (!small) go();
  });
})();
