// Draws a chart that is one small picture without Plotly: enlarged pixel by pixel, cheap enough for every second.

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Whether a chart is a picture: an image trace first, then invisible points that name its parts. */
export const isPicture = (chart) => chart.traces[0]?.type === "image";

/** Shows the picture in `host`; frames and words come from the layout, names of the parts from the second trace. */
export function drawPicture(host, chart) {
  let stage = host.querySelector(".lp-picture");
  if (!stage) {
    stage = make("div", "lp-picture");
    stage.append(make("img", ""), make("div", "lp-frames"), make("div", "lp-tip"));
    host.replaceChildren(stage);
    stage.addEventListener("pointermove", (event) => point(stage, event));
    stage.addEventListener("pointerleave", () => (stage.querySelector(".lp-tip").hidden = true));
  }
  const [image, frames, tip] = stage.children;
  const { range: across } = chart.layout.xaxis;
  const { range: down } = chart.layout.yaxis;
  const { x, y, text } = chart.traces[1];
  const parts = { x: unpacked(x), y: unpacked(y), text };
  stage.lp = { parts, width: across[1] - across[0], height: down[0] - down[1] };
  image.alt = "";
  if (image.src !== chart.traces[0].source) image.src = chart.traces[0].source;
  stage.style.aspectRatio = `${stage.lp.width} / ${stage.lp.height}`;
  stage.style.maxHeight = host.style.height;
  tip.hidden = true;
  frames.replaceChildren(...(chart.layout.shapes ?? []).map((shape, i) => frame(stage.lp, shape, chart.layout.annotations[i])));
}

/** Numbers of a typed array as Python packs it: float32 in base64. */
function unpacked({ bdata }) {
  return new Float32Array(Uint8Array.from(atob(bdata), (c) => c.charCodeAt(0)).buffer);
}

function frame({ width, height }, shape, word) {
  const box = make("div", "lp-frame", word.text);
  const percent = (value, whole) => `${(100 * value) / whole}%`;
  box.style.left = percent(shape.x0 + 0.5, width);
  box.style.top = percent(shape.y0 + 0.5, height);
  box.style.width = percent(shape.x1 - shape.x0, width);
  box.style.height = percent(shape.y1 - shape.y0, height);
  box.style.color = shape.line.color;
  return box;
}

function point(stage, event) {
  const { width, height } = stage.lp;
  const box = stage.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * width;
  const y = ((event.clientY - box.top) / box.height) * height;
  const { x: across, y: down, text } = stage.lp.parts;
  const far = (i) => Math.hypot(across[i] + 0.5 - x, down[i] + 0.5 - y);
  const nearest = text.reduce((best, _, i) => (far(i) < far(best) ? i : best), 0);
  const tip = stage.querySelector(".lp-tip");
  tip.textContent = text[nearest].replace("<br>", ": ");
  tip.hidden = false;
  tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 160)}px`;
  tip.style.top = `${event.clientY - box.top + 14}px`;
}

/** The picture as a PNG blob, eight by eight pixels for each. */
export async function pictureBlob(chart, scale = 8) {
  const image = new Image();
  image.src = chart.traces[0].source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
