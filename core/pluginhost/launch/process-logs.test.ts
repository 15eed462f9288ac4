import { describe, expect, it } from "vitest";
import { logTail } from "./process-logs.ts";

describe("log tail", () => {
  it("keeps whole lines from the end", () => {
    const text = Array.from({ length: 50 }, (_, n) => `line ${n}`).join("\n");
    const tail = logTail(text, 30);
    expect(tail).toBe("line 47\nline 48\nline 49");
  });

  it("covers what looks like a secret", () => {
    expect(logTail('{"password":"hunter2","x":1}')).toBe('{"password":"[covered]","x":1}');
    expect(logTail("token=abc next")).toBe("token=[covered] next");
  });
});
