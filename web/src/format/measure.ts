// Physical values with their units.
import type { Box, ColourRule } from "../api/types.ts";

/** `204 °C` from thousandths of a degree. */
export function celsius(mc: number): string {
  return `${Math.round(mc / 1000)} °C`;
}

export function percent(permille: number): string {
  return `${Math.floor(permille / 10)} %`;
}

export function grams(mg: number): string {
  return mg < 10_000 ? `${(mg / 1000).toFixed(1)} g` : `${Math.round(mg / 1000)} g`;
}

export function metres(mm: number): string {
  return `${(mm / 1000).toFixed(2)} m`;
}

export function millimetres(um: number): string {
  return `${Number((um / 1000).toFixed(2))} mm`;
}

/** `220 × 220 × 250 mm`. */
export function boxText(box: Box): string {
  const mm = (um: number) => Math.round(um / 1000);
  return `${mm(box.x_um)} × ${mm(box.y_um)} × ${mm(box.z_um)} mm`;
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(1)} kB`;
  if (count < 1_000_000_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return `${(count / 1_000_000_000).toFixed(2)} GB`;
}

export function colourText(rule: ColourRule): string {
  if (rule.match === "any" || rule.colours.length === 0) return "any colour";
  if (rule.match === "exact") return rule.colours.join(" + ");
  return rule.match === "any_of" ? rule.colours.join(" or ") : `not ${rule.colours.join(", not ")}`;
}

/** `1 piece`, `3 pieces`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

/** The short form of an id for tables: its kind's letters and five characters. */
export function shortId(id: string): string {
  return id.slice(0, 9);
}
