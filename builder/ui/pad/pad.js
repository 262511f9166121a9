// The pad: pointer, touch or arrow keys draw strokes; the page gets them on pen up, and while drawing.
const LIVE_MS = 180;
const STEP = 0.04;
const PADS = new WeakMap();

function build(root) {
  const host = root.querySelector(".pad");
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const row = document.createElement("div");
  row.className = "row";
  const undo = document.createElement("button");
  undo.textContent = "Undo stroke";
  const clear = document.createElement("button");
  clear.textContent = "Clear";
  undo.type = clear.type = "button";
  const hint = document.createElement("p");
  hint.textContent = "Draw with mouse, pen or finger. Keys: arrows move, Space lifts or lowers the pen, Delete clears.";
  row.append(undo, clear);
  host.replaceChildren(canvas, row, hint);
  const pad = { host, canvas, strokes: [], stroke: null, touched: false, pen: { x: 0.5, y: 0.5, down: false }, timer: 0 };

  function draw() {
    const pixels = canvas.width;
    const context = canvas.getContext("2d");
    context.fillStyle = "#FFFFFF";
    context.fillRect(0, 0, pixels, pixels);
    if (!pad.touched && !pad.strokes.length) {
      context.fillStyle = "#565F70";
      context.font = `${Math.round(pixels * 0.07)}px ${getComputedStyle(host).fontFamily || "sans-serif"}`;
      context.textAlign = "center";
      context.fillText("Draw here", pixels / 2, pixels / 2);
    }
    context.strokeStyle = context.fillStyle = "#1A2130";
    context.lineWidth = pixels * 0.07;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of pad.strokes) {
      context.beginPath();
      context.moveTo(stroke[0] * pixels, stroke[1] * pixels);
      for (let i = 0; i < stroke.length; i += 2) context.lineTo(stroke[i] * pixels, stroke[i + 1] * pixels);
      context.stroke();
    }
    if (pad.keys) {
      context.beginPath();
      context.fillStyle = pad.pen.down ? "#4A45C4" : "#7F8999";
      context.arc(pad.pen.x * pixels, pad.pen.y * pixels, pixels * 0.018, 0, 7);
      context.fill();
    }
    undo.disabled = clear.disabled = !pad.strokes.length;
  }

  function tell(now) {
    pad.touched = true;
    clearTimeout(pad.timer);
    const send = () => {
      pad.sent = performance.now();
      pad.component.setStateValue("drawing", { strokes: pad.strokes.map((s) => [...s]) });
    };
    const since = performance.now() - (pad.sent ?? 0);
    if (now || since > LIVE_MS) send();
    else pad.timer = setTimeout(send, LIVE_MS - since);
  }

  const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    if (!pad.touched) pad.strokes = [];
    pad.keys = false;
    pad.stroke = place(event);
    pad.strokes.push(pad.stroke);
    draw();
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pad.stroke) return;
    const [x, y] = place(event);
    const n = pad.stroke.length;
    if (Math.hypot(x - pad.stroke[n - 2], y - pad.stroke[n - 1]) < 0.008) return;
    pad.stroke.push(x, y);
    draw();
    tell(false);
  });
  const up = () => {
    if (!pad.stroke) return;
    pad.stroke = null;
    tell(true);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);

  const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (move) {
      pad.pen.x = round(pad.pen.x + move[0]);
      pad.pen.y = round(pad.pen.y + move[1]);
      if (pad.pen.down) {
        pad.strokes.at(-1).push(pad.pen.x, pad.pen.y);
        tell(false);
      }
    } else if (event.key === " ") {
      pad.pen.down = !pad.pen.down;
      if (pad.pen.down) {
        if (!pad.touched) pad.strokes = [];
        pad.strokes.push([pad.pen.x, pad.pen.y]);
        tell(false);
      }
    } else if (event.key === "Delete" || event.key === "Backspace") {
      empty();
    } else return;
    pad.keys = true;
    event.preventDefault();
    event.stopPropagation();
    draw();
  });
  canvas.addEventListener("focus", draw);
  canvas.addEventListener("blur", () => {
    pad.pen.down = pad.keys = false;
    draw();
  });

  function empty() {
    pad.strokes = [];
    pad.pen.down = false;
    tell(true);
    draw();
  }
  clear.addEventListener("click", empty);
  undo.addEventListener("click", () => {
    pad.strokes.pop();
    tell(true);
    draw();
  });

  pad.show = (component) => {
    pad.component = component;
    const { label, size, start } = component.data;
    canvas.setAttribute("aria-label", `${label}. Arrows move the pen, Space lifts or lowers it, Delete clears.`);
    const pixels = Math.round(size * Math.min(2, window.devicePixelRatio || 1));
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    canvas.style.width = `${size}px`;
    if (!pad.touched) pad.strokes = start.map((s) => [...s]);
    draw();
  };
  return pad;
}

export default function (component) {
  const root = component.parentElement;
  let pad = PADS.get(root);
  if (!pad) {
    pad = build(root);
    PADS.set(root, pad);
  }
  pad.show(component);
  return () => {
    clearTimeout(pad.timer);
    PADS.delete(root);
  };
}
