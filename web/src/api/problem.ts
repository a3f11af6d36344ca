// What went wrong with a request, in words for people.
import type { Params, ProblemDocument } from "./types.ts";

/** A refused or failed request. `message` is a whole sentence. */
export class Problem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly params: Params;
  readonly retrySafe: boolean;

  constructor(
    status: number,
    reason: string,
    sentence: string,
    params: Params = {},
    retrySafe = false,
  ) {
    super(sentence);
    this.status = status;
    this.reason = reason;
    this.params = params;
    this.retrySafe = retrySafe;
  }

  /** True if no answer came back, so that nobody knows whether it was carried out. */
  get unanswered(): boolean {
    return this.status === 0;
  }
}

/** The problem for a request that got no answer. */
export function noAnswer(): Problem {
  return new Problem(
    0,
    "no_answer",
    "Gantry did not answer. Nothing is repeated by itself; prints go on. Try again when the " +
      "connection is back.",
    {},
    true,
  );
}

/** Reads the body of a failed answer; a body that is no problem document still gets a sentence. */
export function problemFrom(status: number, body: string): Problem {
  try {
    const doc = JSON.parse(body) as Partial<ProblemDocument>;
    if (typeof doc.detail === "string" && doc.detail)
      return new Problem(
        status,
        doc.reason ?? "",
        doc.detail,
        doc.params ?? {},
        doc.retry_safe ?? false,
      );
  } catch {
    // Not JSON: a proxy's page, for example. The sentence below says what is known.
  }
  return new Problem(status, "", `Gantry answered with status ${status} and no explanation.`);
}

/** Any thrown value as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(-1, "page_error", thrown instanceof Error ? thrown.message : String(thrown));
}
