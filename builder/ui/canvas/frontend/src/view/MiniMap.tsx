// What is inside a block at a glance: its layers in data-flow order, three lines at most, in their families' colours.
export function MiniMap({ lines }: { lines: readonly string[][] }) {
  return (
    <span className="block-map" aria-hidden="true">
      {lines.map((families, row) => (
        <span key={row} className="block-map-line">
          {families.map((family, place) => (
            <i key={place} data-family={family} />
          ))}
        </span>
      ))}
    </span>
  );
}
