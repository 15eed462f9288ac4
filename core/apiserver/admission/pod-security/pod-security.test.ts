import { describe, expect, it } from "vitest";
import type { SecuredPod } from "./pod-like.ts";
import { violations } from "./pod-security.ts";

const careful: SecuredPod = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    { name: "a", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
  ],
  volumes: [{ name: "v", emptyDir: {} }],
};

const plain: SecuredPod = { containers: [{ name: "a" }] };

describe("the level baseline", () => {
  it("takes a plain pod", () => {
    expect(violations("baseline", plain)).toEqual([]);
  });

  it.each<[string, SecuredPod, string]>([
    ["the node's network", { ...plain, hostNetwork: true }, "host namespaces (hostNetwork=true)"],
    [
      "a privileged container",
      { containers: [{ name: "a", securityContext: { privileged: true } }] },
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    [
      "a strong capability",
      { containers: [{ name: "a", securityContext: { capabilities: { add: ["SYS_ADMIN", "CHOWN"] } } }] },
      'non-default capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      "the node's files",
      { ...plain, volumes: [{ name: "v", hostPath: {} }] },
      'hostPath volumes (volume "v")',
    ],
    [
      "a port of the node",
      { initContainers: [{ name: "i", ports: [{ hostPort: 80 }] }] },
      'hostPort (container "i" must not set ports[*].hostPort)',
    ],
    [
      "no system call filter",
      { ...plain, securityContext: { seccompProfile: { type: "Unconfined" } } },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      "a kernel setting of the node",
      { ...plain, securityContext: { sysctls: [{ name: "kernel.panic" }] } },
      "forbidden sysctls (kernel.panic)",
    ],
  ])("refuses %s", (_, pod, expected) => {
    expect(violations("baseline", pod)).toEqual([expected]);
  });
});

describe("the level restricted", () => {
  it("takes a careful pod", () => {
    expect(violations("restricted", careful)).toEqual([]);
  });

  it("tells a plain pod everything it lacks, in the words of kubectl", () => {
    expect(violations("restricted", plain).join(", ")).toBe(
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  it("lets a container undo what its pod promised, and refuses it", () => {
    const undone = structuredClone(careful);
    undone.containers![0]!.securityContext!.runAsNonRoot = false;
    expect(violations("restricted", undone)).toHaveLength(1);
  });
});

it("the level privileged, and one that nobody knows, forbid nothing", () => {
  const pod: SecuredPod = { hostPID: true, containers: [] };
  expect(violations("privileged", pod)).toEqual([]);
  expect(violations("constructor", pod)).toEqual([]);
});
