(async function () {
  "use strict";
  const data = id => document.getElementById(id).textContent;
  const figures = JSON.parse(data("figures"));

  // Unpacks the plotting library and runs it; the policy of the page allows this script and that one, by their hashes.
  async function load() {
    const bytes = Uint8Array.from(atob(data("plotly").trim()), sign => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  // Colours are named in the figures ("$accent") and given here, so that they follow the reader's light or dark scheme.
  function coloured(node, css) {
    if (typeof node === "string") return node[0] === "$" ? css.getPropertyValue("--" + node.slice(1)).trim() : node;
    if (Array.isArray(node)) {
      return node.length > 64 && typeof node[0] === "number" ? node : node.map(item => coloured(item, css));
    }
    if (node && typeof node === "object") {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, coloured(item, css)]));
    }
    return node;
  }

  function draw() {
    const css = getComputedStyle(document.documentElement);
    for (const place of document.querySelectorAll("[data-figure]")) {
      const figure = coloured(figures[place.dataset.figure], css);
      Plotly.react(place, figure.data, figure.layout, { responsive: true, displayModeBar: false });
    }
  }

  try {
    await load();
  } catch (error) {
    for (const place of document.querySelectorAll("[data-figure]")) {
      place.textContent = document.getElementById("plotly")
        ? "This browser is too old to draw the plot. The tables hold its figures."
        : "The folder assets is not beside this page, so the plot cannot be drawn. The tables hold its figures.";
    }
    return;
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}());
