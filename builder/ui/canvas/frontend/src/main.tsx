// What the loader imports: mounts the canvas into the component's root and gives it every new message.
import flowStyle from "@xyflow/react/dist/style.css?inline";
import { createRoot } from "react-dom/client";

import { Compare } from "./compare/Compare";
import compareStyle from "./compare/compare.css?inline";
import type { CanvasData, Message } from "./model/protocol";
import { Session } from "./model/session";
import blockStyle from "./blocks.css?inline";
import style from "./style.css?inline";
import { App } from "./view/App";
import { Boundary } from "./view/Boundary";
import { newId } from "./view/ids";

interface Component {
  data: CanvasData;
  parentElement: ParentNode;
  setStateValue(name: string, value: Message): void;
}

export function mount(root: ParentNode) {
  const box = root.querySelector<HTMLElement>(".canvas");
  if (!box) throw new Error("The canvas has no place on the page.");
  box.replaceChildren();
  const sheet = document.createElement("style");
  sheet.textContent = flowStyle + style + blockStyle + compareStyle;
  const place = document.createElement("div");
  place.className = "place";
  box.append(sheet, place);
  let latest: Component | undefined;
  let seen: CanvasData | undefined;
  const session = new Session(newId(), (message) => latest?.setStateValue("doc", message));
  const view = createRoot(place);
  const stop = fillPage(box);
  return {
    render(component: Component) {
      latest = component;
      if (component.data === seen) return;
      seen = component.data;
      if (seen.compared) {
        view.render(
          <Boundary>
            <Compare data={seen} />
          </Boundary>,
        );
        return;
      }
      session.receive(seen);
      view.render(
        <Boundary>
          <App session={session} notice={seen.notice} />
        </Boundary>,
      );
    },
    unmount() {
      session.close();
      stop();
      view.unmount();
      box.replaceChildren();
    },
  };
}

const LEAST_HEIGHT = 420;
const BELOW = 16;

/**
 * Keeps the box as high as the rest of the window, so that the page itself needs no scrolling. The height is also told
 * to the page as `--ll-workbench`, for what stands beside the canvas.
 */
function fillPage(box: HTMLElement): () => void {
  const host = (box.getRootNode() as ShadowRoot).host ?? box;
  const fit = () => {
    const scrolled = host.closest("[data-testid=stMain]")?.scrollTop ?? 0;
    const top = box.getBoundingClientRect().top + scrolled;
    const height = Math.max(LEAST_HEIGHT, Math.round(window.innerHeight - top - BELOW));
    if (box.style.height === `${height}px`) return;
    box.style.height = `${height}px`;
    document.documentElement.style.setProperty("--ll-workbench", `${height}px`);
  };
  // Once for each frame: what an observer is told about must not be resized while it is told.
  let frame = 0;
  const fitSoon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(fit);
  };
  fit();
  window.addEventListener("resize", fitSoon);
  // Whatever comes or goes above the box changes the height of the page's content.
  const observer = new ResizeObserver(fitSoon);
  observer.observe(host.closest("[data-testid=stMainBlockContainer]") ?? document.body);
  return () => {
    window.removeEventListener("resize", fitSoon);
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}
