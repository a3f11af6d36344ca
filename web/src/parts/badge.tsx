// A state: colour, shape and word together, so that none of them carries it alone.
import type { Tone, Word } from "../format/words.ts";

const shapes: Record<Tone, string> = {
  quiet: "M6 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  busy: "M3.5 2.2v7.6L10 6z",
  good: "M2.2 6.4 5 9.2 10 3",
  person: "M6 1 11 6 6 11 1 6z",
  risk: "M6 1.5 11.2 10.5H.8z",
  stop: "M3.9 1h4.2L11 3.9v4.2L8.1 11H3.9L1 8.1V3.9z",
};

export function Glyph({ tone }: { tone: Tone }) {
  return (
    <svg className={`glyph tone-${tone}`} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <path d={shapes[tone]} />
    </svg>
  );
}

export function Badge({ text, tone }: Word) {
  return (
    <span className={`badge tone-${tone}`}>
      <Glyph tone={tone} />
      {text}
    </span>
  );
}
