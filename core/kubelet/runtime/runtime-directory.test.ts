import { FakeClock } from "@berth/base";
import { describe, expect, it } from "vitest";
import { FakeRuntime } from "../../../test/support/fake-runtime/fake-runtime.ts";
import type { Pod } from "../../api/index.ts";
import { RuntimeDirectory } from "./runtime-directory.ts";

function setUp() {
  const clock = new FakeClock();
  const runc = new FakeRuntime(clock, { name: "runc" });
  const gvisor = new FakeRuntime(clock, { name: "gvisor" });
  const handlers = new Map([
    ["", runc],
    ["runc", runc],
    ["gvisor", gvisor],
  ]);
  const settled = new Map<string, string>();
  const classes: Record<string, string> = { sandboxed: "gvisor", odd: "kata" };
  const directory = new RuntimeDirectory({
    runtimes: {
      handler: (name) => handlers.get(name),
      list: () => [runc, gvisor],
      onDidChange: () => ({ label: "", dispose() {} }),
    },
    runtimeClass: (name) => {
      const handler = classes[name];
      return handler === undefined ? undefined : { metadata: { name }, handler };
    },
    settled: {
      get: (uid) => settled.get(uid),
      put: (uid, name) => void settled.set(uid, name),
      delete: (uid) => settled.delete(uid),
    },
  });
  return { directory, handlers, gvisor };
}

const pod = (runtimeClassName?: string): Pod => ({
  metadata: { name: "web", uid: "u" },
  spec: { containers: [], ...(runtimeClassName ? { runtimeClassName } : {}) },
});

describe("the runtime of a pod", () => {
  it("is the node's default, or what its RuntimeClass names", async () => {
    const { directory } = setUp();
    expect((await directory.choose(pod())).handler?.name).toBe("runc");
    expect(await directory.choose(pod("sandboxed"))).toMatchObject({
      handler: { name: "gvisor" },
      runtimeName: "fake",
    });
  });

  it("that is not there is told with what there is", async () => {
    const { directory, handlers } = setUp();
    expect(await directory.choose(pod("absent"))).toEqual({
      handler: undefined,
      reason: 'there is no RuntimeClass "absent"; create it or correct spec.runtimeClassName',
    });
    expect(await directory.choose(pod("odd"))).toMatchObject({
      reason: expect.stringContaining(
        '"kata": install one or correct the RuntimeClass (this node has runc, gvisor)',
      ) as string,
    });
    handlers.delete("");
    expect(await directory.choose(pod())).toMatchObject({
      reason: expect.stringContaining("no default runtime is ready") as string,
    });
  });

  it("stays the one that holds its sandbox, whatever becomes the default", async () => {
    const { handlers, directory, gvisor } = setUp();
    directory.settle("u", "runc");
    handlers.set("", gvisor);
    expect((await directory.choose(pod())).handler?.name).toBe("runc");
    directory.forget("u");
    expect((await directory.choose(pod())).handler?.name).toBe("gvisor");
  });

  it("whose plugin is being replaced is for pods that lie on it, and no others", async () => {
    const { directory, gvisor } = setUp();
    gvisor.held = true;
    expect(await directory.choose(pod("sandboxed"))).toMatchObject({
      handler: undefined,
      reason: expect.stringContaining("(this node has runc)") as string,
    });
    directory.settle("u", "gvisor");
    expect((await directory.choose(pod("sandboxed"))).handler?.name).toBe("gvisor");
  });
});
