// Ids for new layers: made here so that an edit can be drawn before Python has seen it.
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `n${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export function newIds(count: number): string[] {
  return Array.from({ length: count }, newId);
}
