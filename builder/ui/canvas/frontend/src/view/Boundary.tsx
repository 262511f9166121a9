// Words and a way back where a fault of ours would leave an empty space.
import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode }, { fault: string }> {
  override state = { fault: "" };

  static getDerivedStateFromError(fault: unknown): { fault: string } {
    return { fault: fault instanceof Error ? fault.message : String(fault) };
  }

  override render() {
    if (!this.state.fault) return this.props.children;
    return (
      <div className="canvas-words" role="alert">
        The drawing surface stopped; nothing is lost, everything is saved. ({this.state.fault}){" "}
        <button type="button" onClick={() => this.setState({ fault: "" })}>
          Draw it again
        </button>
      </div>
    );
  }
}
