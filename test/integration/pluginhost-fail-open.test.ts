import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  isReady,
  patientCaller,
  seen,
  type TestHost,
  TestNode,
  wanted,
} from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode();
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

/** Has the plugin stopped while the verbs are called. */
async function unanswered(...verbs: string[]): Promise<string[]> {
  const { pid } = await seen(host, "one", isReady);
  process.kill(pid!, "SIGSTOP");
  try {
    return await Promise.all(
      verbs.map((verb) =>
        host.tools.call("one", { verb, message: {}, deadlineMs: 200 }, patientCaller.signal).then(
          ({ response }) => JSON.stringify(response),
          (error: Error) => error.message,
        ),
      ),
    );
  } finally {
    process.kill(pid!, "SIGCONT");
  }
}

describe("a plugin that does not answer", () => {
  it("fails every call unless something else was chosen", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes")] });
    for (const outcome of await unanswered("Check", "Status", "Del"))
      expect(outcome).toMatch(/DEADLINE_EXCEEDED/);
  });

  it("lets callers of the verbs that were chosen go on, and of no other; the recorder keeps the truth", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes", { failOpen: ["Check"] })] });
    const [check, status, del] = await unanswered("Check", "Status", "Del");
    expect(check).toBe("{}");
    expect([status, del]).toEqual([
      expect.stringMatching(/DEADLINE_EXCEEDED/),
      expect.stringMatching(/DEADLINE_EXCEEDED/),
    ]);
    const calls = host.tools.recording("one").calls.filter(({ verb }) => verb.endsWith("/Check"));
    expect(calls).toEqual([
      expect.objectContaining({ code: "DEADLINE_EXCEEDED", detail: expect.stringContaining("fails open") }),
    ]);
  });

  it("is refused when a verb that does something is to fail open", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes", { failOpen: ["Del"] })] });
    const { reason } = await seen(host, "one", ({ state }) => state === "refused");
    expect(reason).toMatch(/spec\.failOpen: Del cannot.*Check, Status may/);
  });
});
