// A whole list of the API that is not part of the first load: profiles, materials, tokens.
import { useEffect, useState } from "react";
import { get } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { EntityOf, Kind, Page } from "../api/types.ts";
import { pathOf, useAll } from "./hooks.ts";
import { store } from "./store.ts";

/** All entities of `kind`, read when the first component asks. */
export function useCollection<K extends Kind>(
  kind: K,
): { items: readonly EntityOf[K][]; loading: boolean; problem: Problem | null } {
  const items = useAll(kind);
  const [state, setState] = useState<{ loading: boolean; problem: Problem | null }>({
    loading: true,
    problem: null,
  });
  useEffect(() => {
    let current = true;
    get<Page<EntityOf[K]>>(`${pathOf(kind)}?limit=500`).then(
      (page) => {
        store.putAll(kind, page.items);
        if (current) setState({ loading: false, problem: null });
      },
      (thrown) => current && setState({ loading: false, problem: asProblem(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [kind]);
  return { items, ...state };
}
