// What the kernel makes of a text that somebody wants to import as a recipe.
import { useEffect, useState } from "react";
import { send } from "../api/http.ts";
import { asProblem } from "../api/problem.ts";
import type { RecipePreview } from "../api/report_types.ts";

/** So long nothing is typed before the text is read. */
const pause_ms = 250;

interface Reading {
  preview: RecipePreview | null;
  fault: string;
}

const nothing: Reading = { preview: null, fault: "" };

/** Reads `text` as the station would, a moment after it was last changed; nothing is stored. */
export function useRecipePreview(station: string, text: string): Reading {
  const [reading, setReading] = useState(nothing);
  useEffect(() => {
    setReading(nothing);
    if (!text.trim()) return undefined;
    let current = true;
    const timer = setTimeout(() => {
      send<RecipePreview>("POST", `/stations/${station}/recipe/preview`, { text }).then(
        (preview) => current && setReading({ preview, fault: "" }),
        (thrown) => current && setReading({ preview: null, fault: asProblem(thrown).message }),
      );
    }, pause_ms);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [station, text]);
  return reading;
}
