// Only this text travels with changed messages; the canvas itself is fetched once, by URL.
const LIVE = new WeakMap();

function explain(root, error) {
  const box = root.querySelector(".canvas");
  if (!box) return;
  const words = document.createElement("p");
  words.className = "canvas-words";
  words.setAttribute("role", "alert");
  words.textContent =
    "The drawing surface could not be loaded. Reload the page; the list of layers works without it. (" + error + ")";
  box.replaceChildren(words);
}

export default function (component) {
  const root = component.parentElement;
  let slot = LIVE.get(root);
  if (!slot) {
    slot = { latest: component, gone: false, view: null };
    LIVE.set(root, slot);
    import(new URL(component.data.bundle, window.location.origin).href)
      .then((bundle) => {
        if (slot.gone) return;
        slot.view = bundle.mount(root);
        slot.view.render(slot.latest);
      })
      .catch((error) => explain(root, error));
  }
  slot.latest = component;
  slot.view?.render(component);
  return () => {
    slot.gone = true;
    slot.view?.unmount();
    LIVE.delete(root);
  };
}
