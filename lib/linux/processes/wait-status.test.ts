import { expect, test } from "vitest";
import { decodeWaitStatus } from "./process-handle.ts";

test("a wait status says either exit code or signal, with the core bit ignored", () => {
  expect(decodeWaitStatus(3 << 8)).toEqual({ exitCode: 3 });
  expect(decodeWaitStatus(0)).toEqual({ exitCode: 0 });
  expect(decodeWaitStatus(9)).toEqual({ signal: "SIGKILL" });
  expect(decodeWaitStatus(0x80 | 11)).toEqual({ signal: "SIGSEGV" });
});
