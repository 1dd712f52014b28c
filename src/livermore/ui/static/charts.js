"use strict";
// Draws each element with data-chart from the JSON at that address: panes of series; colours are names of the style sheet.
(function () {
  const shade = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const kinds = {
    candles: LightweightCharts.CandlestickSeries,
    line: LightweightCharts.LineSeries,
  };

  function options(series) {
    const common = { priceLineVisible: false, lastValueVisible: false };
    if (series.kind === "candles") {
      return { ...common, upColor: shade("up"), wickUpColor: shade("up"), downColor: shade("down"), wickDownColor: shade("down"), borderVisible: false };
    }
    return { ...common, color: shade(series.color), lineWidth: 2, lineStyle: series.dashed ? 2 : 0, pointMarkersVisible: series.data.length < 60 };
  }

  function look() {
    return {
      layout: { background: { color: shade("ground") }, textColor: shade("muted"), attributionLogo: false, panes: { separatorColor: shade("line") } },
      grid: { vertLines: { color: shade("line") }, horzLines: { color: shade("line") } },
      timeScale: { timeVisible: true, borderColor: shade("line") },
      rightPriceScale: { borderColor: shade("line") },
    };
  }

  function legend(place, panes) {
    const text = document.createElement("p");
    text.className = "chart-legend";
    for (const series of panes.flat()) {
      const part = document.createElement("span");
      part.textContent = series.title + "  ";
      if (series.color) part.style.color = shade(series.color);
      text.append(part);
    }
    place.before(text);
  }

  function draw(place, found) {
    const chart = LightweightCharts.createChart(place, { autoSize: true, ...look() });
    const drawn = found.panes.flatMap((pane, index) => pane.map(series => {
      const made = chart.addSeries(kinds[series.kind], options(series), index);
      return { made, marks: series.markers ? LightweightCharts.createSeriesMarkers(made, []) : null };
    }));
    function fill(values) {
      values.panes.flat().forEach((series, k) => {
        drawn[k].made.setData(series.data);
        if (drawn[k].marks) drawn[k].marks.setMarkers(series.markers.map(mark => ({ ...mark, color: shade(mark.color) })));
      });
    }
    fill(found);
    chart.panes().forEach((pane, index) => pane.setStretchFactor(index === 0 ? 3 : 1));
    chart.timeScale().fitContent();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
    return fill;
  }

  async function read(place) {
    const answer = await fetch(place.dataset.chart);
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }

  async function start(place) {
    let fill, shape;
    async function update() {
      const found = await read(place);
      const count = found.panes.flat().reduce((sum, series) => sum + series.data.length, 0);
      if (!count) {
        place.textContent = "There is nothing to draw yet.";
        return;
      }
      const now = found.panes.map(pane => pane.length).join();
      if (fill && shape === now) return fill(found);
      place.textContent = "";
      if (!fill) legend(place, found.panes);
      shape = now;
      fill = draw(place, found);
    }
    const guarded = () => update().catch(() => { if (!fill) place.textContent = "The chart cannot be drawn; the tables hold its figures."; });
    place.addEventListener("update-chart", guarded);
    await guarded();
  }

  document.querySelectorAll("[data-chart]").forEach(start);
}());
