// How long things may take to move on the screen: not at all for people who asked for less motion.
const LESS = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether nothing may glide; asked each time, because the setting can change while the page is open. */
export function isStill(): boolean {
  return LESS.matches;
}

/** Options of a move of the view that takes so many milliseconds. */
export function lasting(milliseconds: number): { duration: number } {
  return { duration: isStill() ? 0 : milliseconds };
}

/** Milliseconds in which the view moves to something. */
export const TO_VIEW = 200;
/** Milliseconds of one step of zoom. */
export const TO_ZOOM = 120;
