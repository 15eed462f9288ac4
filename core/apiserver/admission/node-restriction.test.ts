import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";
import { nodeRestriction } from "./node-restriction.ts";

type Operation = AdmissionRequest["operation"];
const name = "one";
const { cache } = filledCache({ "/core/nodes/one": { metadata: { name, uid: "u" } } });
const owner = { apiVersion: "v1", kind: "Node", name, uid: "u", controller: true };

/** Why node `one` may not; undefined where it may. */
function refusal(
  operation: Operation,
  [group, version, kindName]: readonly [string, string, string],
  more: {
    object?: object;
    old?: object;
    name?: string;
    namespace?: string;
    user?: string;
    subresource?: string;
  },
): string | undefined {
  const draft = (part: object | undefined): Draft | undefined => part as Draft | undefined;
  const request = {
    operation,
    kind: kinds.byKind(group, version, kindName)!,
    subresource: more.subresource ?? "",
    namespace: more.namespace ?? "",
    name: more.name ?? name,
    user: { name: more.user ?? "system:node:one", groups: ["system:nodes"] },
    dryRun: false,
    warnings: [],
    ...(more.object ? { object: draft(more.object)! } : {}),
    ...(more.old ? { old: draft(more.old)! } : {}),
  };
  try {
    void nodeRestriction(cache).validate!(request);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const node = ["", "v1", "Node"] as const;
const pod = ["", "v1", "Pod"] as const;
const lease = ["coordination.k8s.io", "v1", "Lease"] as const;
const csiNode = ["storage.k8s.io", "v1", "CSINode"] as const;
const instance = ["berth.dev", "v1alpha1", "PluginInstance"] as const;
const plain = { metadata: { name }, spec: {} };

describe("a node", () => {
  it("writes itself and no other, and does not take itself out", () => {
    expect(refusal("CREATE", node, { object: plain })).toBeUndefined();
    expect(refusal("UPDATE", node, { object: plain, old: plain })).toBeUndefined();
    const other = { metadata: { name: "two" }, spec: {} };
    expect(refusal("UPDATE", node, { object: other, old: other, name: "two" })).toContain(
      'node "one" is not allowed to modify node "two"',
    );
    expect(refusal("DELETE", node, { old: plain })).toContain("is not allowed to delete itself");
  });

  it("does not label itself with what is kept from nodes, nor take such a label away", () => {
    const labels = { "node-restriction.kubernetes.io/zone": "a" };
    const labelled = { metadata: { name, labels }, spec: {} };
    const why = "is not allowed to modify labels: node-restriction.kubernetes.io/zone";
    expect(refusal("CREATE", node, { object: labelled })).toContain(why);
    expect(refusal("UPDATE", node, { object: labelled, old: plain })).toContain(why);
    expect(refusal("UPDATE", node, { object: plain, old: labelled })).toContain(why);
    expect(refusal("UPDATE", node, { object: labelled, old: labelled })).toBeUndefined();
  });

  it("comes with taints and changes none later", () => {
    const tainted = { metadata: { name }, spec: { taints: [{ key: "a", effect: "NoSchedule" }] } };
    expect(refusal("CREATE", node, { object: tainted })).toBeUndefined();
    expect(refusal("UPDATE", node, { object: plain, old: tainted })).toContain("modify taints");
  });

  it("creates mirrors of its own static pods alone, and changes only pods that are bound to it", () => {
    const mirror = (nodeName: string, ...ownerReferences: object[]) => ({
      metadata: { name: "p", annotations: { "kubernetes.io/config.mirror": "x" }, ownerReferences },
      spec: { nodeName },
    });
    const own = { metadata: { name: "p" }, spec: { nodeName: "one" } };
    const foreign = { metadata: { name: "p" }, spec: { nodeName: "two" } };
    expect(refusal("CREATE", pod, { object: mirror("one", owner) })).toBeUndefined();
    const owned = (...owners: object[]): string | undefined =>
      refusal("CREATE", pod, { object: mirror("one", ...owners) });
    expect(owned()).toContain("with an owner reference set to itself");
    expect(owned(owner, owner)).toContain("with a single owner reference set to itself");
    expect(owned({ ...owner, name: "two" })).toContain("with an owner reference set to itself");
    expect(owned({ ...owner, controller: false })).toContain("a controller owner reference");
    expect(owned({ ...owner, blockOwnerDeletion: true })).toContain("must not set blockOwnerDeletion");
    expect(owned({ ...owner, uid: "v" })).toContain("node one UID mismatch: expected v got u");
    expect(refusal("CREATE", pod, { object: own })).toContain("can only create mirror pods");
    const why = (verb: string): string => `can only ${verb} pods with spec.nodeName set to itself`;
    expect(refusal("CREATE", pod, { object: mirror("two") })).toContain(why("create"));
    expect(refusal("UPDATE", pod, { object: own, old: own })).toBeUndefined();
    expect(refusal("UPDATE", pod, { object: own, old: foreign })).toContain(why("update"));
    expect(refusal("DELETE", pod, { old: foreign })).toContain(why("delete"));
  });

  it.each([
    ["a", true],
    ["example.com/a", true],
    ["node.kubernetes.io/a", true],
    ["x.kubelet.kubernetes.io/a", true],
    ["kubernetes.io/hostname", true],
    ["topology.kubernetes.io/zone", true],
    ["kubernetes.io/a", false],
    ["x.kubernetes.io/a", false],
    ["k8s.io/a", false],
    ["node-role.kubernetes.io/control-plane", false],
    ["notkubernetes.io/a", true],
  ])("labels itself with %s: %s", (label, may) => {
    const object = { metadata: { name, labels: { [label]: "x" } }, spec: {} };
    expect(refusal("UPDATE", node, { object, old: plain }) === undefined).toBe(may);
  });

  it("mirrors pods that name nothing, and does not relabel pods by telling how they are", () => {
    const annotations = { "kubernetes.io/config.mirror": "x" };
    const mirror = (spec: object) => ({
      metadata: { name: "p", annotations, ownerReferences: [owner] },
      spec: { nodeName: "one", ...spec },
    });
    const why = (spec: object): string | undefined => refusal("CREATE", pod, { object: mirror(spec) });
    expect(why({ volumes: [{ hostPath: { path: "/" } }] })).toBeUndefined();
    const cannot = 'node "one" can not create pods that reference';
    expect(why({ serviceAccountName: "a" })).toContain(`${cannot} a service account`);
    const sources = [{ serviceAccountToken: { path: "t" } }];
    expect(why({ volumes: [{ projected: { sources } }] })).toContain(`${cannot} a service account token`);
    expect(why({ volumes: [{ secret: { secretName: "s" } }] })).toContain(`${cannot} secrets`);
    expect(why({ volumes: [{ configMap: { name: "c" } }] })).toContain(`${cannot} configmaps`);
    const old = { metadata: { name: "p", labels: { a: "b" } }, spec: { nodeName: "one" } };
    const object = { ...old, metadata: { name: "p", labels: { a: "c" } } };
    expect(refusal("UPDATE", pod, { object, old, subresource: "status" })).toContain(
      'node "one" cannot update labels through pod status',
    );
    expect(refusal("UPDATE", pod, { object: old, old, subresource: "status" })).toBeUndefined();
  });

  it("tells of its own devices alone", () => {
    const slice = ["resource.k8s.io", "v1", "ResourceSlice"] as const;
    const of = (nodeName?: string) => ({ metadata: { name: "s" }, spec: { nodeName } });
    expect(refusal("CREATE", slice, { object: of("one") })).toBeUndefined();
    for (const other of [of("two"), of()])
      expect(refusal("CREATE", slice, { object: other })).toContain("with spec.nodeName set to itself");
    expect(refusal("DELETE", slice, { old: of("two") })).toContain("with spec.nodeName set to itself");
  });

  it("says that it lives, and of no other", () => {
    const namespace = "kube-node-lease";
    expect(refusal("UPDATE", lease, { object: plain, namespace })).toBeUndefined();
    expect(refusal("UPDATE", lease, { object: plain, namespace: "kube-system" })).toContain(
      'in the "kube-node-lease" system namespace',
    );
    const other = { metadata: { name: "two" } };
    expect(refusal("UPDATE", lease, { object: other, namespace })).toContain("with the same name");
    expect(refusal("DELETE", lease, { name: "two", namespace })).toContain("with the same name");
    expect(refusal("UPDATE", csiNode, { object: plain })).toBeUndefined();
    expect(refusal("UPDATE", csiNode, { object: other })).toContain("with the same name");
  });

  it("writes its own plugin instances, and makes none of another's its own", () => {
    const of = (nodeName: string) => ({ metadata: { name: "i" }, spec: { nodeName } });
    const why = "can only write plugin instances with spec.nodeName set to itself";
    expect(refusal("CREATE", instance, { object: of("one") })).toBeUndefined();
    expect(refusal("CREATE", instance, { object: of("two") })).toContain(why);
    expect(refusal("UPDATE", instance, { object: of("one"), old: of("two") })).toContain(why);
    expect(refusal("UPDATE", instance, { object: of("two"), old: of("one") })).toContain(why);
    expect(refusal("DELETE", instance, { old: of("two") })).toContain(why);
  });

  it("is bound by this alone: who is no node is not", () => {
    expect(refusal("DELETE", node, { old: plain, user: "ann" })).toBeUndefined();
  });
});
