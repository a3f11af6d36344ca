// The only place that talks to the API.
import { newKey } from "./key.ts";
import { noAnswer, Problem, problemFrom } from "./problem.ts";

export const base = "/api/v1";

type Method = "GET" | "POST" | "PUT" | "DELETE";

let signedOut: () => void = () => undefined;

/** Calls `handler` whenever the API says that nobody is logged in. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

/** Says that nobody is logged in any more. */
export function signOut(): void {
  signedOut();
}

async function once(
  method: Method,
  path: string,
  body: unknown,
  key: string | null,
): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const request: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) request.body = JSON.stringify(body);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(base + path, request);
    text = await answer.text();
  } catch {
    throw noAnswer();
  }
  if (!answer.ok) {
    if (answer.status === 401 && path !== "/session") signOut();
    throw problemFrom(answer.status, text);
  }
  return text ? (JSON.parse(text) as unknown) : null;
}

/** Reads `path`. */
export async function get<T>(path: string): Promise<T> {
  return (await once("GET", path, undefined, null)) as T;
}

const pauses_ms = [400, 1200];

/**
 * Writes to `path`. A request without an answer is repeated under the same key, so that it is
 * carried out once at most.
 */
export async function send<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown = {},
  key: string = newKey(),
): Promise<T> {
  for (let attempt = 0; ; ++attempt) {
    try {
      return (await once(method, path, body, key)) as T;
    } catch (thrown) {
      const pause = pauses_ms[attempt];
      const again =
        thrown instanceof Problem &&
        (thrown.unanswered || (thrown.status === 503 && thrown.retrySafe));
      if (!again || pause === undefined) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Sends one file; `progress` gets the share that has left this browser, 0 to 1. */
export function upload<T>(
  path: string,
  file: Blob,
  key: string,
  progress: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", base + path);
    request.setRequestHeader("Content-Type", "model/stl");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onerror = () => reject(noAnswer());
    request.onload = () => {
      if (request.status >= 200 && request.status < 300)
        resolve(JSON.parse(request.responseText) as T);
      else reject(problemFrom(request.status, request.responseText));
    };
    request.send(file);
  });
}
