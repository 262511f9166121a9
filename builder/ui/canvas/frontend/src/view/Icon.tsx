// A Material Symbol from the font that the page has loaded already.
export function Icon({ name, className = "" }: { name: string; className?: string }) {
  return (
    <span className={`icon ${className}`} aria-hidden="true" translate="no">
      {name}
    </span>
  );
}
