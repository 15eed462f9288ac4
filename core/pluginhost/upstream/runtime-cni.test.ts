import { expect, it } from "vitest";
import { readRuntimeCni } from "./runtime-cni.ts";

type Answer = Parameters<typeof readRuntimeCni>[0];

/** The words of containerd 1.6, shortened. */
function answer(networks: object[], ready = true): Answer {
  const config = { cni: { binDir: "/opt/cni/bin", confDir: "/etc/cni/net.d" } };
  return {
    status: {
      conditions: [
        { type: "RuntimeReady", status: true, reason: "", message: "" },
        {
          type: "NetworkReady",
          status: ready,
          reason: "NetworkPluginNotReady",
          message: "cni is not set up",
        },
      ],
    },
    info: { config: JSON.stringify(config), cniconfig: JSON.stringify({ Networks: networks }) },
  } as unknown as Answer;
}

const loopback = { Config: { Name: "cni-loopback", Plugins: [{ Network: { type: "loopback" } }] } };

it("finds the folders, the network and what containerd calls for itself", () => {
  expect(readRuntimeCni(answer([loopback, { Config: { Name: "mine" } }]))).toEqual({
    folders: { configuration: "/etc/cni/net.d", executables: "/opt/cni/bin" },
    network: "mine",
    ownExecutables: ["loopback"],
    ready: true,
    reason: "cni is not set up",
  });
});

it("says what is not there", () => {
  expect(readRuntimeCni(answer([loopback], false))).toMatchObject({ network: undefined, ready: false });
  expect(readRuntimeCni({ status: null, info: {} } as unknown as Answer)).toEqual({
    folders: undefined,
    network: undefined,
    ownExecutables: [],
    ready: false,
    reason: "",
  });
});
