// Scrolling inside a list only: scrollIntoView would move the page as well.

/** Brings the chosen row of a list into view. */
export function showChosen(list: HTMLElement | null): void {
  const row = list?.querySelector<HTMLElement>("[aria-selected=true]");
  if (!list || !row) return;
  const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const below = row.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  if (above < 0) list.scrollTop += above;
  else if (below > 0) list.scrollTop += below;
}
