import { describe, expect, it } from "vitest";
import { checkGrants } from "./grants.ts";

const none = { capabilities: [], mounts: false, devices: [], hostNetwork: false, root: false };

describe("grants", () => {
  it("are denied by default, each by its name", () => {
    const privileges = { ...none, mounts: true, capabilities: ["CAP_NET_ADMIN"], devices: ["/dev/fuse"] };
    expect(() => checkGrants({ hostServices: ["network"], privileges }, ["network"])).toThrow(
      "the plugin wants CAP_NET_ADMIN, mounts, /dev/fuse, which spec.grants does not grant",
    );
  });

  it("root stands for every privilege, but for no host service", () => {
    const privileges = { ...none, root: true, mounts: true };
    expect(() => checkGrants({ hostServices: [], privileges }, ["root"])).not.toThrow();
    expect(() => checkGrants({ hostServices: ["events"], privileges }, ["root"])).toThrow("wants events");
  });
});
