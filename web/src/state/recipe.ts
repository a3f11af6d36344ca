// Recipes as people write them: steps by rising layer, one material each.
import type { RecipeStep } from "../api/station_types.ts";

export const materials = ["A", "B", "C", "D"] as const;
export const layer_max = 1_000_000;
const steps_max = 500;

/** What is wrong with adding `step` to `others`; empty if nothing is. */
export function faultOfStep(step: RecipeStep, others: readonly RecipeStep[]): string {
  if (!Number.isInteger(step.layer)) return "Give a whole layer number.";
  if (step.layer < 1) return "Layers begin at 1.";
  if (step.layer > layer_max) return "No print has that many layers.";
  if (!materials.some((each) => each === step.material)) return "Choose material A, B, C or D.";
  if (others.some((each) => each.layer === step.layer))
    return `Layer ${step.layer} has a change already. Edit that one.`;
  if (others.length >= steps_max) return `A recipe holds ${steps_max} changes at most.`;
  return "";
}

/** The steps by rising layer. */
export function sorted(steps: readonly RecipeStep[]): RecipeStep[] {
  return [...steps].sort((a, b) => a.layer - b.layer);
}

/** The canonical text, e.g. `A,50:B,120`. */
export function recipeText(steps: readonly RecipeStep[]): string {
  return steps.map((each) => `${each.material},${each.layer}`).join(":");
}

/** What a new recipe would do to the present one. */
export function differences(before: readonly RecipeStep[], after: readonly RecipeStep[]) {
  const old = new Map(before.map((each) => [each.layer, each.material]));
  const kept = after.filter((each) => old.has(each.layer));
  return {
    added: after.length - kept.length,
    removed: before.length - kept.length,
    changed: kept.filter((each) => old.get(each.layer) !== each.material).length,
  };
}
