// Which ports take the connection that is being pulled, so that only ports whose answer changes are drawn again.

export interface Pulled {
  node: string;
  port: string;
  side: "source" | "target";
}

export class Connecting {
  pulled: Pulled | null = null;
  private reasons = new Map<string, string | null>();
  private listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(pulled: Pulled, reasons: Map<string, string | null>): void {
    this.pulled = pulled;
    this.reasons = reasons;
    this.tell();
  }

  end(): void {
    this.pulled = null;
    this.reasons = new Map();
    this.tell();
  }

  /** undefined: nothing is being pulled or not this side; null: fits; text: why not. */
  reason(node: string, port: string, side: "source" | "target"): string | null | undefined {
    if (!this.pulled || this.pulled.side === side) return undefined;
    return this.reasons.get(`${node}.${port}`);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
