import type { Filter, HostPort } from "../model.ts";

/** Keeps two pods from wanting the same port of a node. */
export const hostPorts: Filter = {
  name: "host ports",
  wakesOn: new Set(["node", "podGone"]),
  check({ hostPorts: wanted }, node) {
    if (wanted.length === 0) return undefined;
    for (const { hostPorts: taken } of node.pods.values()) {
      if (taken.some((one) => wanted.some((other) => collide(one, other)))) {
        return [{ reason: "node(s) didn't have free ports for the requested pod ports" }];
      }
    }
    return undefined;
  },
};

function collide(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || isEveryAddress(a.ip) || isEveryAddress(b.ip);
}

function isEveryAddress(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}
