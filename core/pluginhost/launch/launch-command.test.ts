import { describe, expect, it } from "vitest";
import { instancePaths } from "./instance-paths.ts";
import { capabilitiesOf, launchCommand } from "./launch-command.ts";
import { pluginEnvironment } from "./plugin-environment.ts";

describe("launch command", () => {
  it("passes the plugin's own command on as it is", () => {
    const { args } = launchCommand({
      command: ["node", "a b"],
      cgroupFolders: [],
      dieWithHost: false,
      uid: undefined,
      capabilities: undefined,
      namespaces: [],
    });
    expect(args.slice(-3)).toEqual(["--", "node", "a b"]);
  });

  it("takes every privilege away from a plugin with its own user", () => {
    const { args } = launchCommand({
      command: ["x"],
      cgroupFolders: ["/g"],
      dieWithHost: true,
      uid: 64_001,
      capabilities: ["CAP_SYS_ADMIN"],
      namespaces: ["ipc"],
    });
    expect(args).toContain("--no-new-privs");
    expect(args).toContain("--bounding-set=-all");
    expect(args).toContain("--reuid=64001");
    expect(args.slice(args.indexOf("--pdeathsig"), args.indexOf("--pdeathsig") + 2)).toEqual([
      "--pdeathsig",
      "KILL",
    ]);
  });
});

describe("capabilities", () => {
  const privileges = { capabilities: [], mounts: false, devices: [], hostNetwork: false, root: false };

  it("of a plugin with privileges are those its manifest asks for", () => {
    const asked = { privileges: { ...privileges, root: true, capabilities: ["CAP_NET_ADMIN"] } };
    const { args } = launchCommand({
      command: ["x"],
      cgroupFolders: [],
      dieWithHost: false,
      uid: undefined,
      capabilities: capabilitiesOf(asked),
      namespaces: [],
    });
    expect(args).toContain("--bounding-set=-all,+net_admin");
    expect(capabilitiesOf({ privileges: { ...privileges, root: true } })).toEqual([]);
  });

  it("of one without are what it takes to read its own files", () => {
    expect(capabilitiesOf({ privileges })).toEqual(["CAP_DAC_OVERRIDE"]);
  });
});

describe("plugin environment", () => {
  it("holds nothing of the host's own but PATH, LANG and TZ", () => {
    const facts = {
      handshake: "/h",
      endpoint: "/e",
      host: undefined,
      token: "t",
      instance: "a.n",
      incarnation: 1,
      state: "/s",
      run: "/r",
      adoptionWindowMs: 1,
      nodeName: "n",
      daemons: { "my-daemon": "/d.sock" },
      helpers: [],
    };
    const made = pluginEnvironment(facts, { PATH: "/bin", AWS_SECRET: "x", HOME: "/root", TZ: "UTC" });
    expect(made["PATH"]).toBe("/bin");
    expect(made["BERTH_DAEMON_MY_DAEMON"]).toBe("unix:///d.sock");
    expect(Object.keys(made).filter((name) => !name.startsWith("BERTH_"))).toEqual(["PATH", "TZ"]);
  });
});

describe("instance paths", () => {
  it("refuse a socket path over 107 bytes with its length", () => {
    const node = { data: "/d", run: `/run/${"n".repeat(80)}`, kubeletRoot: "/k" };
    expect(() => instancePaths(node, "csi-hostpath")).toThrow(/has \d+ bytes, more than 107/);
    expect(instancePaths({ ...node, run: "/run/n" }, "csi").endpoint(3)).toBe("/run/n/p/csi/3.sock");
  });
});
