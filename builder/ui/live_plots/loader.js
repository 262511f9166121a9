// Travels with every changed message, so it only fetches plots.js once and hands the newest data over.
const LIVE = new WeakMap();
export default function (component) {
  const root = component.parentElement;
  let slot = LIVE.get(root);
  if (!slot) {
    slot = { latest: component, gone: false, view: null };
    LIVE.set(root, slot);
    import(new URL(component.data.script, window.location.origin).href)
      .then((module) => {
        if (slot.gone) return;
        slot.view = module.mount(root.querySelector(".lp"), (cell) => slot.latest.setStateValue("picked", cell));
        slot.view.render(slot.latest.data);
      })
      .catch(() => {
        root.querySelector(".lp").textContent = "The charts could not be loaded. Reload the page.";
      });
  }
  slot.latest = component;
  slot.view?.render(component.data);
  return () => {
    slot.gone = true;
    slot.view?.unmount();
    LIVE.delete(root);
  };
}
