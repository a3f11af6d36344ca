// Server-sent events over fetch. The browser's own EventSource hides the comments that prove a
// silent stream alive, and the status of a refused one.
import { noAnswer, Problem, problemFrom } from "./problem.ts";

export interface Frame {
  event: string;
  data: string;
}

/** Cuts a stream of text into frames; keeps what is not complete yet. */
export class FrameParser {
  private rest = "";

  push(text: string): Frame[] {
    this.rest += text.replaceAll("\r\n", "\n");
    const frames: Frame[] = [];
    for (let end = this.rest.indexOf("\n\n"); end >= 0; end = this.rest.indexOf("\n\n")) {
      const frame = read(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
      if (frame.data) frames.push(frame);
    }
    return frames;
  }
}

function read(block: string): Frame {
  const frame: Frame = { event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [name = "", value = ""] = line.split(/:(.*)/s, 2);
    const text = value.startsWith(" ") ? value.slice(1) : value;
    if (name === "event") frame.event = text;
    else if (name === "data") frame.data += (frame.data ? "\n" : "") + text;
  }
  return frame;
}

/**
 * Follows the stream at `url` until it ends or `signal` stops it. `onBytes` is called whenever
 * anything arrives, comments too. Throws a `Problem` if the server refuses.
 */
export async function follow(
  url: string,
  signal: AbortSignal,
  onBytes: () => void,
  onFrame: (frame: Frame) => void,
): Promise<void> {
  const answer = await fetch(url, {
    headers: { Accept: "text/event-stream" },
    credentials: "same-origin",
    cache: "no-store",
    signal,
  });
  if (!answer.ok) throw problemFrom(answer.status, await answer.text());
  if (!answer.body) throw noAnswer();
  onBytes();
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  const parser = new FrameParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Problem(0, "stream_ended", "The stream ended.");
    onBytes();
    for (const frame of parser.push(decoder.decode(value, { stream: true }))) onFrame(frame);
  }
}
