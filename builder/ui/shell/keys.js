// Keys, connection, width class, theme and tab title: everything of the shell that only a browser knows.

function typing(target) {
  const inside = target?.composedPath ? target.composedPath()[0] : target;
  if (!inside || !inside.closest) return false;
  if (inside.isContentEditable) return true;
  const field = inside.closest("input, textarea, select, [contenteditable=true], [role=textbox]");
  return Boolean(field) && !["checkbox", "radio", "button", "range"].includes(field.type);
}

function press(key) {
  // A button with a tooltip is in the page twice; the one that is drawn is the real one.
  const drawn = [...document.querySelectorAll(`.st-key-${key} button`)];
  const button = drawn.find(one => one.offsetParent) ?? drawn[0];
  if (!button || button.disabled) return false;
  button.click();
  return true;
}

function widthClass() {
  if (window.innerWidth < 640) return "phone";
  return window.innerWidth < 1100 ? "tablet" : "desktop";
}

function paintTheme(root) {
  const ground = getComputedStyle(root.querySelector(".shell")).getPropertyValue("--st-background-color").trim();
  const hex = /^#([0-9a-f]{6})/i.exec(ground);
  if (!hex) return;
  const value = parseInt(hex[1], 16);
  const light = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  document.documentElement.dataset.llTheme = light > 128 ? "light" : "dark";
}

function strip() {
  let box = document.getElementById("ll-connection");
  if (!box) {
    box = document.createElement("div");
    box.id = "ll-connection";
    box.setAttribute("role", "alert");
    document.body.append(box);
  }
  return box;
}

function start(slot) {
  let waitsForDigit = 0;
  const onKey = event => {
    const shell = slot.data;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    let done = false;
    if (command && key === "enter") done = press(shell.buttons.train);
    else if (typing(event)) return;
    else if (command && key === "z" && !event.altKey) {
      done = press(event.shiftKey ? shell.buttons.redo : shell.buttons.undo);
    } else if (command && key === "y") done = press(shell.buttons.redo);
    else if (!command && !event.altKey && key === "g") waitsForDigit = Date.now();
    else if (!command && !event.altKey && /^[1-8]$/.test(key) && Date.now() - waitsForDigit < 1500) {
      waitsForDigit = 0;
      slot.send("screen", { number: Number(key), at: Date.now() });
      done = true;
    }
    else if (!command && !event.altKey && !event.repeat && Object.hasOwn(shell.single, key)) {
      done = shell.single[key].some(press);
    }
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  // A second press while the page is on its way elsewhere would be answered by the page that is left behind.
  let pressed = { host: null, at: 0 };
  const onPress = event => {
    const host = event.target.closest?.(slot.data.once);
    if (!host || !event.target.closest("button")) return;
    if (pressed.host === host.className && Date.now() - pressed.at < 1500) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    pressed = { host: host.className, at: Date.now() };
  };
  const onWidth = () => {
    const now = widthClass();
    if (now !== slot.width) {
      slot.width = now;
      slot.send("width", now);
    }
  };
  let lost = 0;
  const onBeat = () => {
    const away = document.querySelector('[data-testid="stConnectionStatus"]');
    for (const dialog of document.querySelectorAll('[data-testid="stDialog"], [role="dialog"]')) {
      if (!/Connection error|Is Streamlit still running|connected to the internet/.test(dialog.textContent)) continue;
      const close = dialog.querySelector('button[aria-label="Close"]');
      if (close) close.click();
      else dialog.style.display = "none";
      lost = Math.max(lost, 2);
    }
    if (away) away.style.visibility = "hidden";
    // A new server knows nothing of this page; asked for the whole of it, it takes what was done meanwhile.
    if (lost > 0 && !away) press(slot.data.buttons.back);
    lost = away ? lost + 1 : 0;
    document.documentElement.toggleAttribute("data-ll-away", lost > 0);
    const box = strip();
    const text = lost >= 3 ? slot.data.words.away : "";
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
    if (slot.data.title && document.title !== slot.data.title) document.title = slot.data.title;
    paintTheme(slot.root);
  };
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onPress, true);
  window.addEventListener("resize", onWidth);
  const beat = window.setInterval(onBeat, 400);
  onWidth();
  onBeat();
  return () => {
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("click", onPress, true);
    window.removeEventListener("resize", onWidth);
    window.clearInterval(beat);
  };
}

/** Brings what charts need while nobody waits for it: 1.5 MB that the first chart would otherwise wait for. */
function preloadCharts(charts) {
  if (!charts || window.llChartsAsked) return;
  window.llChartsAsked = true;
  const address = path => new URL(path, window.location.origin).href;
  const bring = () =>
    import(address(charts.script))
      .then(module => module.preload(address(charts.plotly)))
      .catch(() => null); // whoever draws a chart says so
  const idle = window.requestIdleCallback ?? (act => window.setTimeout(act, 200));
  window.setTimeout(() => idle(bring, { timeout: 2000 }), 300);
}

const LIVE = new WeakMap();
export default function (component) {
  const root = component.parentElement;
  let slot = LIVE.get(root);
  if (!slot) {
    slot = { root, width: component.data.width, data: component.data };
    slot.send = (name, value) => slot.set(name, value);
    LIVE.set(root, slot);
  }
  slot.data = component.data;
  slot.set = component.setStateValue;
  if (!slot.stop) slot.stop = start(slot);
  preloadCharts(component.data.charts);
  document.documentElement.lang = "en";
  paintTheme(root);
  if (slot.data.title) document.title = slot.data.title;
  return () => {
    slot.stop();
    LIVE.delete(root);
  };
}
