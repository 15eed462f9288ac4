import { must } from "../expectations.ts";
import type { Case } from "../suite.ts";
import type { CsiContext } from "./csi-context.ts";

const driverName = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/u;

export const identityCases: readonly Case<CsiContext>[] = [
  {
    name: "GetPluginInfo answers a name in domain form of at most 63 characters, and a version",
    async run({ identity }) {
      const { name, vendor_version } = await identity.getPluginInfo({});
      must(driverName.test(name), `the name is ${JSON.stringify(name)}`);
      must(vendor_version !== "", "vendor_version is empty");
    },
  },
  {
    name: "GetPluginCapabilities names no capability that the contract does not know",
    async run({ pluginCapabilities, controllerCapabilities, nodeCapabilities }) {
      const all = [...pluginCapabilities, ...controllerCapabilities, ...nodeCapabilities];
      must(!all.includes("UNKNOWN"), "a capability is of type UNKNOWN");
      must(
        all.every((name) => typeof name === "string"),
        "a capability has a number that CSI 1.12 does not know",
      );
    },
  },
  {
    name: "Probe answers ready, or keeps ready unset, once the driver serves",
    async run({ identity }) {
      const { ready } = await identity.probe({});
      must(ready?.value ?? true, "ready is false");
    },
  },
];
