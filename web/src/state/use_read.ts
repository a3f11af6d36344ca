// Reading what the event stream does not carry.
import { useCallback, useEffect, useState } from "react";
import { get } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";

export interface Read<T> {
  value: T | null;
  problem: Problem | null;
  read: () => void;
}

/** What a GET of `path` answers; asked again when `depends` changes. The last answer stays shown. */
export function useRead<T>(path: string, depends: string | number = ""): Read<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    get<T>(path).then(
      (found) => {
        if (!current) return;
        setValue(found);
        setProblem(null);
      },
      (thrown) => current && setProblem(asProblem(thrown)),
    );
    return () => {
      current = false;
    };
  }, [path, depends, round]);
  return { value, problem, read: useCallback(() => setRound((at) => at + 1), []) };
}
