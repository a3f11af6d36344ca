// The lines of an order that is being written, and the transfer of their files.
import { useState } from "react";
import { upload } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem } from "../api/problem.ts";
import type { Artifact, Material } from "../api/types.ts";
import type { DraftLine } from "../parts/line_fields.tsx";

function draft(file: File, material: string): DraftLine {
  return {
    key: newKey(),
    file,
    artifact: "",
    sent: 0,
    error: "",
    name: file.name.replace(/\.stl$/i, ""),
    quantity: 1,
    pieces_per_plate: 1,
    material,
    match: "any",
    colours: "",
    profile: "",
  };
}

export interface DraftLines {
  lines: readonly DraftLine[];
  /** Adds a line for each file and begins to send it. */
  take: (files: readonly File[]) => void;
  change: (key: string, part: Partial<DraftLine>) => void;
  /** Sends a line's file once more, under the same key. */
  transfer: (line: DraftLine) => Promise<void>;
  remove: (key: string) => void;
}

export function useDraftLines(materials: readonly Material[]): DraftLines {
  const [lines, setLines] = useState<DraftLine[]>([]);

  const change = (key: string, part: Partial<DraftLine>) =>
    setLines((known) => known.map((line) => (line.key === key ? { ...line, ...part } : line)));

  const transfer = async (line: DraftLine) => {
    change(line.key, { error: "", sent: 0 });
    const path = `/artifacts?kind=model&name=${encodeURIComponent(line.file.name)}`;
    try {
      const artifact = await upload<Artifact>(path, line.file, line.key, (sent) =>
        change(line.key, { sent }),
      );
      change(line.key, { artifact: artifact.id, sent: 1 });
    } catch (thrown) {
      change(line.key, { error: asProblem(thrown).message });
    }
  };

  const take = (files: readonly File[]) => {
    const first =
      materials.find((each) => each.name === "PLA")?.name ?? materials[0]?.name ?? "PLA";
    const added = files.map((file) => draft(file, first));
    setLines((known) => [...known, ...added]);
    for (const line of added) void transfer(line);
  };

  const remove = (key: string) => setLines((known) => known.filter((line) => line.key !== key));
  return { lines, take, change, transfer, remove };
}
