import assert from "node:assert/strict";
import test from "node:test";
import { FrameParser } from "./sse.ts";

test("frames are read however they are cut", () => {
  const text =
    'id: e.1\nevent: log\ndata: {"a":\ndata: 1}\n\n: keep-alive\n\nevent: live\ndata: x: y\n\n';
  for (let size = 1; size < text.length; ++size) {
    const parser = new FrameParser();
    const frames = [];
    for (let at = 0; at < text.length; at += size)
      frames.push(...parser.push(text.slice(at, at + size)));
    assert.deepEqual(frames, [
      { event: "log", data: '{"a":\n1}' },
      { event: "live", data: "x: y" },
    ]);
  }
});
