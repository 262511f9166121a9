// Draws charts with Plotly.react: only the newest message, one at a time, into elements that stay.
const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, scrollZoom: false };
const TABLE_ROWS = 200;
const PURGE_MS = 500;
let loading = null;

const pointer = { down: false, up: 0 };
window.addEventListener("pointerdown", () => (pointer.down = true), true);
for (const over of ["pointerup", "pointercancel"]) {
  window.addEventListener(over, () => Object.assign(pointer, { down: false, up: performance.now() }), true);
}

const beside = new URL("picture.js", import.meta.url);
beside.search = new URL(import.meta.url).search; // a new build is a new address here too
const { isPicture, drawPicture, pictureBlob } = await import(beside.href);

function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("plotly"));
    };
    document.head.append(script);
  });
  return loading;
}

/** Fetches what charts are drawn with before there is one, so that the first chart need not wait for it. */
export const preload = (url) => loadPlotly(url).catch(() => null);

/** Frees a plot that is gone from the page once no drag can still reach it and Plotly's delayed work (hover) is over. */
function purgeLater(plot) {
  setTimeout(() => (pointer.down || performance.now() - pointer.up < PURGE_MS ? purgeLater(plot) : window.Plotly.purge(plot)), PURGE_MS);
}

const nextFrame = () =>
  new Promise((resolve) => (document.hidden ? setTimeout(resolve, 200) : requestAnimationFrame(resolve)));

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", "#1A2130"),
    muted: read("--ll-muted", read("--st-gray-text-color", "#565F70")),
    hairline: read("--st-border-color", "#D4D9E2"),
    ground: read("--st-background-color", "#FFFFFF"),
    raised: read("--ll-raised", read("--st-secondary-background-color", "#F5F6F9")),
    font: read("--st-font", "sans-serif"),
  };
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function merged(base, over) {
  const out = { ...base };
  for (const [name, value] of Object.entries(over)) {
    out[name] = isObject(value) && isObject(out[name]) ? merged(out[name], value) : value;
  }
  return out;
}

function baseLayout(theme) {
  const axis = {
    gridcolor: theme.hairline,
    linecolor: theme.hairline,
    zeroline: false,
    automargin: true,
    tickfont: { size: 12, color: theme.muted },
    title: { font: { size: 12, color: theme.muted } },
  };
  return {
    autosize: false,
    font: { family: theme.font, size: 13, color: theme.text },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 44, r: 10, t: 8, b: 34 },
    xaxis: { ...axis, showgrid: false },
    yaxis: axis,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: 12 } },
    hoverlabel: {
      bgcolor: theme.raised,
      bordercolor: theme.hairline,
      font: { family: theme.font, size: 12, color: theme.text },
    },
    dragmode: "zoom",
    transition: { duration: 0 },
  };
}

/** Columns of what a chart shows: its own table, else the drawn values of its lines and cells. */
function columnsOf(card) {
  const own = card.chart.table;
  if (own && Object.keys(own).length) return own;
  const columns = {};
  for (const trace of card.plot._fullData ?? []) {
    if (trace.showlegend === false && trace.hoverinfo === "skip") continue;
    const name = trace.name || card.chart.title;
    if (trace.z) {
      Array.from(trace.y ?? trace.z.keys()).forEach((label, i) => {
        columns[`${name} ${label}`] = Array.from(trace.customdata?.[i] ?? trace.z[i]);
      });
    } else if (trace.x && trace.y) {
      columns[`${name} x`] = Array.from(trace.x);
      columns[`${name} y`] = Array.from(trace.y);
    }
  }
  return columns;
}

function rowsOf(columns) {
  const names = Object.keys(columns);
  const length = Math.max(0, ...names.map((name) => columns[name].length));
  const rows = Array.from({ length }, (_, i) => names.map((name) => columns[name][i] ?? ""));
  return { names, rows };
}

/** A cell of a CSV; text that a spreadsheet could take for a formula is quoted away. */
function cell(value) {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function download(name, content) {
  const link = make("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function saveCsv(card, file) {
  const { names, rows } = rowsOf(columnsOf(card));
  const text = [names, ...rows].map((row) => row.map(cell).join(",")).join("\n");
  download(`${file}-${card.chart.id}.csv`, new Blob([text + "\n"], { type: "text/csv" }));
}

async function savePng(card, file) {
  if (isPicture(card.chart)) {
    download(`${file}-${card.chart.id}.png`, await pictureBlob(card.chart));
    return;
  }
  const ground = themeOf(card.root).ground;
  const { width, height } = card.plot.getBoundingClientRect();
  const copy = { data: card.plot.data, layout: { ...card.plot.layout, paper_bgcolor: ground, plot_bgcolor: ground } };
  const url = await window.Plotly.toImage(copy, { format: "png", width, height, scale: 2 });
  download(`${file}-${card.chart.id}.png`, await (await fetch(url)).blob());
}

function fillTable(card) {
  const { names, rows } = rowsOf(columnsOf(card));
  const table = make("table");
  const head = make("tr");
  names.forEach((name) => head.append(make("th", "", name)));
  table.append(head);
  for (const row of rows.slice(-TABLE_ROWS)) {
    const line = make("tr");
    row.forEach((value) =>
      line.append(make("td", "", typeof value === "number" ? Number(value.toPrecision(5)).toString() : String(value))),
    );
    table.append(line);
  }
  const left = rows.length - TABLE_ROWS;
  const words = left > 0 ? [make("p", "lp-note", `The last ${TABLE_ROWS} of ${rows.length} rows; the CSV has all.`)] : [];
  card.table.replaceChildren(...words, table);
}

/** Draws into `container`; `pick({chart, row, column, at})` is told of clicks on cells of charts that ask for it. */
export function mount(container, pick) {
  const state = { next: null, busy: false, gone: false, cards: new Map(), data: null };

  function button(label, act, icon) {
    const element = make("button", "lp-button", icon);
    element.type = "button";
    element.title = label;
    element.setAttribute("aria-label", label);
    element.addEventListener("click", act);
    return element;
  }

  function newCard(chart) {
    const root = make("section", "lp-card");
    const head = make("header", "lp-head");
    const words = make("div", "lp-words");
    const card = { root, chart, title: make("h3", "lp-title"), question: make("p", "lp-question") };
    card.note = make("span", "lp-note");
    card.follow = button("Show the newest again", () => follow(card), "Follow");
    card.follow.classList.add("lp-follow");
    card.follow.hidden = true;
    words.append(card.title, card.question);
    const corner = make("div", "lp-corner");
    const name = () => chart.title;
    corner.append(
      button(`${name()} as a table`, () => toggleTable(card), "Table"),
      button(`Save ${name()} as PNG`, () => savePng(card, state.data.file), "PNG"),
      button(`Save ${name()} as CSV`, () => saveCsv(card, state.data.file), "CSV"),
      button(`${name()} in full size`, () => toggleFull(card), "⤢"),
    );
    head.append(words, card.note, card.follow, corner);
    card.plot = make("div", "lp-plot");
    card.plot.setAttribute("role", "img");
    card.table = make("div", "lp-table");
    card.table.hidden = true;
    card.table.tabIndex = 0;
    root.append(head, card.plot, card.table);
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && root.classList.contains("lp-full")) {
        toggleFull(card);
        event.stopPropagation();
      }
    });
    return card;
  }

  function toggleTable(card) {
    card.table.hidden = !card.table.hidden;
    card.plot.hidden = !card.table.hidden;
    if (!card.table.hidden) fillTable(card);
    else if (card.waiting) render(state.data);
    else resize(card);
  }

  function toggleFull(card) {
    card.root.classList.toggle("lp-full");
    resize(card);
  }

  function heightOf(card) {
    const { height, aspect } = card.chart;
    return aspect ? Math.max(48, Math.min(height, Math.round(aspect * card.plot.clientWidth))) : height;
  }

  /** Gives the plot its height, and the size Plotly is to draw at. */
  function sized(card) {
    const full = card.root.classList.contains("lp-full");
    const height = full ? window.innerHeight - 110 : heightOf(card);
    card.plot.style.height = `${height}px`;
    return { width: card.plot.clientWidth, height };
  }

  function resize(card) {
    const size = sized(card);
    if (card.drawn && !card.gone && !card.plot.hidden && size.width) {
      card.drawing = card.drawing.then(() => card.gone || window.Plotly.relayout(card.plot, size));
    }
  }

  function follow(card) {
    card.zoom = null;
    card.follow.hidden = true;
    card.revision = (card.revision ?? 0) + 1;
    render(state.data);
  }

  function listen(card) {
    card.plot.on("plotly_relayout", (change) => {
      if (!("xaxis.range[0]" in change || "yaxis.range[0]" in change)) return;
      const { xaxis, yaxis } = card.plot._fullLayout;
      card.zoom = { x: [...xaxis.range], y: [...yaxis.range] };
      card.zoomOf = card.shown;
      card.follow.hidden = false;
    });
    card.plot.on("plotly_doubleclick", () => follow(card));
    card.plot.on("plotly_click", (event) => {
      const place = event.points?.[0]?.pointIndex ?? event.points?.[0]?.pointNumber;
      if (!card.chart.pick || !Array.isArray(place)) return;
      pick({ chart: card.chart.id, row: place[0], column: place[1], at: Date.now() });
    });
    card.plot.on("plotly_hover", (event) => shareHover(card, event.points?.[0]?.x));
    card.plot.on("plotly_unhover", () => shareHover(card, null));
  }

  /** One thin line at the same x on all charts over training time. */
  function shareHover(from, x) {
    for (const card of state.cards.values()) {
      const axis = card.plot._fullLayout?.xaxis;
      const shown = card !== from && typeof x === "number" && card.overTime && axis?.l2p;
      card.line ??= card.plot.appendChild(make("div", "lp-line"));
      if (!card.line.isConnected) card.plot.append(card.line);
      const at = shown ? axis.l2p(x) : -1;
      card.line.hidden = !(shown && at >= 0 && at <= axis._length && from.overTime);
      if (!card.line.hidden) card.line.style.left = `${axis._offset + at}px`;
    }
  }

  async function draw(card, chart, data, theme) {
    card.chart = chart;
    card.title.textContent = chart.title;
    card.question.textContent = chart.question;
    card.note.textContent = chart.note;
    card.plot.setAttribute("aria-label", `${chart.title}. ${chart.alt}`);
    card.root.classList.toggle("lp-wide", chart.wide);
    card.root.classList.toggle("lp-pick", Boolean(chart.pick));
    card.overTime = chart.layout.xaxis?.title?.text === "epoch";
    const size = sized(card);
    const layout = { ...merged(baseLayout(theme), chart.layout), ...size };
    layout.uirevision = `${data.run}/${card.revision ?? 0}`;
    // The zoom is kept in card.zoom; Plotly's own memory of ranges would hold back an axis that follows.
    card.draws = (card.draws ?? 0) + 1;
    layout.xaxis.uirevision = layout.yaxis.uirevision = card.draws;
    if (card.zoom && card.zoomOf === data.run) {
      layout.xaxis = { ...layout.xaxis, range: card.zoom.x, autorange: false };
      layout.yaxis = { ...layout.yaxis, range: card.zoom.y, autorange: false };
    } else if (card.zoom) {
      card.zoom = null;
      card.follow.hidden = true;
    }
    card.shown = data.run;
    if (!card.table.hidden) fillTable(card);
    const mark = `${chart.mark} ${layout.uirevision} ${theme.text} ${theme.ground} ${size.width}`;
    card.waiting = !card.visible || card.plot.hidden || !size.width;
    if (card.waiting || card.mark === mark) return;
    card.mark = mark;
    if (isPicture(chart)) {
      drawPicture(card.plot, chart);
      return;
    }
    card.drawing = window.Plotly.react(card.plot, chart.traces, layout, CONFIG);
    await card.drawing;
    if (!card.drawn) {
      card.drawn = true;
      listen(card);
    }
  }

  async function pump() {
    if (state.busy) return;
    state.busy = true;
    try {
      while (state.next && !state.gone) {
        const data = state.next;
        state.next = null;
        await loadPlotly(new URL(data.plotly, window.location.origin).href);
        const theme = themeOf(container);
        container.style.setProperty("--lp-columns", String(data.columns));
        for (const chart of data.charts) {
          if (state.gone) return;
          let card = state.cards.get(chart.id);
          if (!card) {
            card = newCard(chart);
            state.cards.set(chart.id, card);
            card.visible = state.cards.size <= 2; // the rest waits until it comes into view
            card.root.lpCard = card;
            seen.observe(card.root);
          }
          place(card, data.charts.indexOf(chart));
          await draw(card, chart, data, theme);
        }
        drop(new Set(data.charts.map((chart) => chart.id)));
        await nextFrame();
      }
    } catch (error) {
      if (!state.gone) container.textContent = "The charts could not be drawn. Reload the page.";
      throw error;
    } finally {
      state.busy = false;
    }
  }

  function place(card, index) {
    if (container.children[index] !== card.root) container.insertBefore(card.root, container.children[index] ?? null);
  }

  function drop(kept) {
    for (const [id, card] of state.cards) {
      if (kept.has(id)) continue;
      seen.unobserve(card.root);
      card.root.remove();
      card.gone = true;
      if (card.drawn) card.drawing.finally(() => purgeLater(card.plot)); // never amid a drawing
      state.cards.delete(id);
    }
  }

  function render(data) {
    state.data = data;
    state.next = data;
    pump();
  }

  let width = 0;
  const watcher = new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 2) return;
    width = entry.contentRect.width;
    requestAnimationFrame(() => {
      for (const card of state.cards.values()) if (card.drawn && !state.gone) resize(card);
    });
  });
  watcher.observe(container);
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) entry.target.lpCard.visible = entry.isIntersecting;
      if (entries.some((entry) => entry.isIntersecting && entry.target.lpCard.waiting)) render(state.data);
    },
    { rootMargin: "200px" },
  );

  return {
    render,
    unmount() {
      state.gone = true;
      watcher.disconnect();
      seen.disconnect();
      drop(new Set());
    },
  };
}
