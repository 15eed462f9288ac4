import { describe, expect, it } from "vitest";
import type { SecuredPod } from "./pod-like.ts";
import { filledCache } from "../../../../test/support/filled-cache.ts";
import { kinds } from "../../../api/index.ts";
import type { Draft } from "../../registry/object-meta.ts";
import type { AdmissionRequest } from "../admission.ts";
import { podSecurity, violations } from "./pod-security.ts";

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
      'hostPort (container "i" uses hostPort 80)',
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
    [
      "the node's view of processes",
      { containers: [{ name: "a", securityContext: { procMount: "Unmasked" } }] },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      "a label of SELinux that is not for containers",
      { ...plain, securityContext: { seLinuxOptions: { type: "spc_t" } } },
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t")',
    ],
    [
      "a role of SELinux",
      { containers: [{ name: "a", securityContext: { seLinuxOptions: { role: "r" } } }] },
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: role may not be set)',
    ],
    [
      "a container that is a process of the node",
      { containers: [{ name: "a", securityContext: { windowsOptions: { hostProcess: true } } }] },
      'hostProcess (container "a" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      "no confinement by AppArmor",
      { ...plain, securityContext: { appArmorProfile: { type: "Unconfined" } } },
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      "an ephemeral container that is privileged",
      { ...plain, ephemeralContainers: [{ name: "e", securityContext: { privileged: true } }] },
      'privileged (container "e" must not set securityContext.privileged=true)',
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

  const container = careful.containers![0]!;
  const own = container.securityContext!;
  it.each<[string, SecuredPod, string]>([
    [
      "a capability kept that may be dropped",
      { containers: [{ name: "a", securityContext: { ...own, capabilities: { drop: ["CHOWN"] } } }] },
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
    ],
    [
      "a capability that the baseline takes",
      {
        containers: [
          { name: "a", securityContext: { ...own, capabilities: { drop: ["ALL"], add: ["CHOWN"] } } },
        ],
      },
      'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      "a pod that is root",
      { securityContext: { ...careful.securityContext, runAsUser: 0 } },
      "runAsUser=0 (pod must not set runAsUser=0)",
    ],
    [
      "a container that is root",
      { containers: [{ name: "a", securityContext: { ...own, runAsUser: 0 } }] },
      'runAsUser=0 (container "a" must not set runAsUser=0)',
    ],
    [
      "a volume that lies elsewhere",
      { volumes: [{ name: "v", nfs: {} }] },
      'restricted volume types (volume "v" uses restricted volume type "nfs")',
    ],
    [
      "an ephemeral container that may rise",
      { ephemeralContainers: [{ name: "e", securityContext: { ...own, allowPrivilegeEscalation: true } }] },
      'allowPrivilegeEscalation != false (container "e" must set securityContext.allowPrivilegeEscalation=false)',
    ],
  ])("refuses %s", (_, more, expected) => {
    expect(violations("restricted", { ...careful, ...more })).toEqual([expected]);
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

describe("a namespace", () => {
  const labels = Object.fromEntries(
    ["enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "baseline"]),
  );
  const plugin = podSecurity(
    filledCache({ "/core/namespaces/a": { metadata: { name: "a", labels } } }).cache,
  );
  const spec = { ...plain, hostPID: true };
  const template = { spec };

  /** What whoever writes this is warned of. */
  function warningsOf(
    [group, kind]: readonly [string, string],
    object: object,
    old?: object,
    subresource = "",
  ): string[] {
    const draft = (members: object): Draft => ({
      apiVersion: "",
      kind,
      metadata: { name: "x" },
      ...members,
    });
    const warnings: string[] = [];
    const request: AdmissionRequest = {
      operation: old ? "UPDATE" : "CREATE",
      kind: kinds.byKind(group, "v1", kind)!,
      ...{ subresource, namespace: "a", name: "x", user: { name: "ann", groups: [] } },
      object: draft(object),
      ...(old ? { old: draft(old) } : {}),
      dryRun: false,
      warnings,
    };
    void plugin.validate!(request);
    return warnings;
  }

  const told = ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'];
  it.each<[readonly [string, string], object]>([
    [["", "PodTemplate"], { template }],
    [["", "ReplicationController"], { spec: { template } }],
    [["apps", "Deployment"], { spec: { template } }],
    [["batch", "CronJob"], { spec: { jobTemplate: { spec: { template } } } }],
  ])("warns of what %j will make, when it is written and when it is changed", (kind, object) => {
    expect(warningsOf(kind, object)).toEqual(told);
    expect(warningsOf(kind, object, {})).toEqual(told);
    expect(warningsOf(kind, object, object)).toEqual([]);
  });

  it("takes no pod that it does not allow, and leaves one alone that is there", () => {
    expect(() => warningsOf(["", "Pod"], { spec })).toThrow(
      'pods "x" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    );
    expect(warningsOf(["", "Pod"], { spec }, { spec })).toEqual([]);
    const debugged = {
      ...plain,
      ephemeralContainers: [{ name: "e", securityContext: { privileged: true } }],
    };
    expect(() => warningsOf(["", "Pod"], { spec: debugged }, { spec: plain }, "ephemeralcontainers")).toThrow(
      'privileged (container "e"',
    );
    expect(warningsOf(["", "Pod"], { spec: debugged }, { spec: plain }, "status")).toEqual([]);
  });
});
