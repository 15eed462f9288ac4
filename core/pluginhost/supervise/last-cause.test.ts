import { describe, expect, it } from "vitest";
import { lastCause, lastWords } from "./last-cause.ts";

const base = { at: "2026-01-01T00:00:00Z", incarnation: 3, pid: 77, oomKills: 0, stderrTail: "" };

describe("last cause", () => {
  it("tells signal, exit code and memory apart", () => {
    expect(lastCause({ ...base, signal: "SIGKILL" }).message).toBe("killed by SIGKILL");
    expect(lastCause({ ...base, exitCode: 3 }).message).toBe("exit code 3, its log is empty");
    const oom = lastCause({ ...base, signal: "SIGKILL", oomKills: 1 });
    expect(oom.oomKilled).toBe(true);
    expect(oom.message).toMatch(/^out of memory/);
  });

  it("does not blame memory for a clean end after some helper was killed for it", () => {
    expect(lastCause({ ...base, exitCode: 0, oomKills: 1 }).oomKilled).toBeUndefined();
  });

  it("says that an adopted process's end is not known", () => {
    expect(lastCause(base).message).toBe("exit code unknown: it ended while not our child");
  });

  it("says that the host ended it, and why", () => {
    const cause = lastCause({ ...base, signal: "SIGKILL", endedByHost: "three health checks unanswered" });
    expect(cause.message).toBe("three health checks unanswered (killed by SIGKILL)");
  });
});

describe("last words", () => {
  it("names the error, not what the runtime prints around it", () => {
    const node = [
      "file:///opt/demo/verbs.ts:40",
      "export class {",
      "             ^",
      "SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expected ident",
      "    at parseTypeScript (node:internal/modules/typescript:72:36) {",
      "  code: 'ERR_INVALID_TYPESCRIPT_SYNTAX'",
      "}",
      "",
      "Node.js v24.21.0",
    ].join("\n");
    expect(lastCause({ ...base, exitCode: 1, stderrTail: node }).message).toBe(
      "exit code 1: SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expected ident (verbs.ts:40)",
    );
    const python = 'Traceback (most recent call last):\n  File "main.py", line 5\nModuleNotFoundError: no x';
    expect(lastWords(python)).toBe("ModuleNotFoundError: no x");
    expect(lastWords("panic: no licence\n\ngoroutine 1 [running]:\nmain.main()")).toBe("panic: no licence");
  });

  it("are the last line of a program that has no errors of its own kind", () => {
    expect(lastWords("one\ncannot find the frobnicator\n")).toBe("cannot find the frobnicator");
  });

  it("are of JSON lines what a warning or an error says", () => {
    const log = '{"level":50,"msg":"cannot serve","error":"no room"}\n{"level":30,"msg":"ended"}';
    expect(lastWords(log)).toBe("cannot serve: no room");
    expect(lastWords('{"level":30,"msg":"ended"}')).toBeUndefined();
    expect(lastWords('{"not": JSON')).toBe('{"not": JSON');
  });

  it("are not told of an end that the host asked for, nor longer than a line", () => {
    const cause = lastCause({ ...base, exitCode: 1, stderrTail: "Error: x", endedByHost: "it was refused" });
    expect(cause.message).toBe("it was refused (exit code 1)");
    expect(lastWords("x".repeat(500))).toHaveLength(200);
  });
});
