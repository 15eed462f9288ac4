import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { mastersAuthorizer } from "./authorizer.ts";
import { NodeAuthorizer } from "./node-authorizer.ts";
import type { PodLike } from "./pod-references.ts";

const pull = (namespace: string, name: string) => ({
  metadata: { name: "p" },
  spec: { contract: "cni", source: { oci: { reference: "x/y:1", pullSecret: { namespace, name } } } },
});

/** What node `one` may do, VERB RESOURCE[/SUBRESOURCE] [NAME], in namespace `d` of a cluster with these objects. */
function mayOf(objects: Record<string, object>) {
  const authorizer = new NodeAuthorizer(filledCache(objects).cache);
  return (text: string, namespace = "d", user = "system:node:one"): boolean => {
    const [verb = "", what = "", name = ""] = text.split(" ");
    const [resource = "", subresource = ""] = what.split("/");
    const asked = { isResource: true as const, verb, group: "", version: "v1", resource, subresource };
    const groups = ["system:nodes"];
    return authorizer.authorize({ name: user, groups }, { ...asked, namespace, name })?.allowed ?? false;
  };
}

const podOf = (nodeName: string, spec: PodLike["spec"]) => ({ spec: { nodeName, ...spec } });
const secretOf = (name: string): PodLike["spec"] => ({ volumes: [{ secret: { secretName: name } }] });

describe("a node", () => {
  it("reads what its own pods name, and nothing that those of another node or namespace do", () => {
    const may = mayOf({
      "/core/pods/d/own": podOf("one", { ...secretOf("mine"), serviceAccountName: "robot" }),
      "/core/pods/d/other": podOf("two", { ...secretOf("theirs"), serviceAccountName: "other" }),
    });
    for (const verb of ["get", "list", "watch"]) {
      expect(may(`${verb} secrets mine`)).toBe(true);
      for (const name of ["theirs", "another", ""]) expect(may(`${verb} secrets ${name}`), name).toBe(false);
    }
    expect(may("get secrets mine", "e")).toBe(false);
    expect(may("get configmaps mine")).toBe(false);
    for (const verb of ["update", "delete", "create"]) expect(may(`${verb} secrets mine`)).toBe(false);
    expect(may("create serviceaccounts/token robot")).toBe(true);
    for (const name of ["other", "default"]) expect(may(`create serviceaccounts/token ${name}`)).toBe(false);
    expect(may("get secrets mine", "d", "system:node:two")).toBe(false);
    expect(may("get secrets mine", "d", "one")).toBe(false);
  });

  const env = (name: string) => [{ env: [{ valueFrom: { secretKeyRef: { name } } }] }];
  it.each<[string, PodLike["spec"]]>([
    ["a volume", secretOf("s")],
    ["a projected volume", { volumes: [{ projected: { sources: [{ secret: { name: "s" } }] } }] }],
    ["a driver that publishes", { volumes: [{ csi: { nodePublishSecretRef: { name: "s" } } }] }],
    ["the pull of an image", { imagePullSecrets: [{ name: "s" }] }],
    ["a container", { containers: env("s") }],
    ["an init container", { initContainers: env("s") }],
    ["an ephemeral container", { ephemeralContainers: env("s") }],
    ["a whole environment", { containers: [{ envFrom: [{ secretRef: { name: "s" } }] }] }],
  ])("reads a secret of %s", (_, spec) => {
    expect(mayOf({ "/core/pods/d/own": podOf("one", spec) })("get secrets s")).toBe(true);
  });

  it.each<[string, PodLike["spec"]]>([
    ["a volume", { volumes: [{ configMap: { name: "c" } }] }],
    ["a projected volume", { volumes: [{ projected: { sources: [{ configMap: { name: "c" } }] } }] }],
    ["a container", { containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: "c" } } }] }] }],
    ["a whole environment", { containers: [{ envFrom: [{ configMapRef: { name: "c" } }] }] }],
  ])("reads a configuration of %s", (_, spec) => {
    expect(mayOf({ "/core/pods/d/own": podOf("one", spec) })("get configmaps c")).toBe(true);
  });

  it("gets the login that a plugin of its own names, by that name in that namespace, and does no more with it", () => {
    const may = mayOf({
      "/core/nodes/one": { metadata: { name: "one" } },
      "/berth.dev/plugins/p": pull("d", "login"),
    });
    expect(may("get secrets login")).toBe(true);
    for (const verb of ["list", "watch", "update"]) expect(may(`${verb} secrets login`), verb).toBe(false);
    expect(may("get secrets login", "e")).toBe(false);
    expect(may("get secrets other")).toBe(false);
    expect(may("get secrets login", "d", "system:node:unknown")).toBe(false);
  });

  it("reads the claims and volumes of its pods, and what unlocks those, wherever it lies", () => {
    const claim = (volumeName: string) => ({ spec: { volumeName } });
    const volume = (name: string, claimName: string, secret: string) => ({
      metadata: { name },
      spec: {
        claimRef: { namespace: "d", name: claimName },
        csi: { nodeStageSecretRef: { namespace: "keys", name: secret } },
      },
    });
    const mounting = (claimName: string) => ({ volumes: [{ persistentVolumeClaim: { claimName } }] });
    const may = mayOf({
      "/core/pods/d/own": podOf("one", mounting("a")),
      "/core/pods/d/thief": podOf("one", mounting("wants-b")),
      "/core/pods/d/waits": podOf("one", mounting("lost")),
      "/core/pods/d/other": podOf("two", mounting("b")),
      "/core/pods/d/temporary": {
        metadata: { name: "temporary" },
        ...podOf("one", { volumes: [{ name: "scratch", ephemeral: {} }] }),
      },
      "/core/persistentvolumeclaims/d/a": claim("va"),
      "/core/persistentvolumeclaims/d/b": claim("vb"),
      // It says that it has what is another's.
      "/core/persistentvolumeclaims/d/wants-b": claim("vb"),
      "/core/persistentvolumeclaims/d/lost": claim("gone"),
      "/core/persistentvolumes/va": volume("va", "a", "key-a"),
      // It says that it is for a claim which has another.
      "/core/persistentvolumes/vc": volume("vc", "a", "key-c"),
      "/core/persistentvolumes/vb": volume("vb", "b", "key-b"),
    });
    for (const name of ["a", "wants-b", "temporary-scratch"]) {
      expect(may(`get persistentvolumeclaims ${name}`), name).toBe(true);
      expect(may(`patch persistentvolumeclaims/status ${name}`), name).toBe(true);
      expect(may(`patch persistentvolumeclaims ${name}`), name).toBe(false);
    }
    expect(may("get persistentvolumeclaims b")).toBe(false);
    expect(may("patch persistentvolumeclaims/status b")).toBe(false);
    expect(may("get persistentvolumes va", "")).toBe(true);
    expect(may("get persistentvolumes gone", "")).toBe(true);
    expect(may("patch persistentvolumes va", "")).toBe(false);
    expect(may("delete persistentvolumeclaims/status a")).toBe(false);
    expect(may("get secrets key-c", "keys")).toBe(false);
    for (const name of ["vb", "vc", "another"])
      expect(may(`get persistentvolumes ${name}`, ""), name).toBe(false);
    expect(may("get secrets key-a", "keys")).toBe(true);
    expect(may("get secrets key-a")).toBe(false);
    expect(may("get secrets key-b", "keys")).toBe(false);
  });

  const one = { name: "system:node:one", groups: ["system:nodes"] };
  const nobody = { isResource: true, version: "v1", subresource: "", namespace: "", name: "" } as const;

  it("sees itself, its pods and what is attached to it, and no others", () => {
    const on = (nodeName: string) => ({ spec: { nodeName } });
    const authorizer = new NodeAuthorizer(
      filledCache({
        "/core/pods/d/own": on("one"),
        "/core/pods/d/other": on("two"),
        "/storage.k8s.io/volumeattachments/own": on("one"),
        "/storage.k8s.io/volumeattachments/other": on("two"),
        "/resource.k8s.io/resourceslices/own": on("one"),
        "/resource.k8s.io/resourceslices/other": on("two"),
      }).cache,
    );
    const may = (verb: string, group: string, resource: string, name: string, namespace = ""): boolean =>
      authorizer.authorize(one, { ...nobody, verb, group, resource, name, namespace })?.allowed ?? false;
    for (const verb of ["get", "list", "watch"]) {
      expect(may(verb, "", "nodes", "one")).toBe(true);
      for (const name of ["two", ""]) expect(may(verb, "", "nodes", name)).toBe(false);
    }
    const own: [string, string, string?][] = [
      ["", "pods", "d"],
      ["storage.k8s.io", "volumeattachments"],
      ["resource.k8s.io", "resourceslices"],
    ];
    for (const [group, resource, namespace] of own) {
      expect(may("get", group, resource, "own", namespace), resource).toBe(true);
      expect(may("get", group, resource, "other", namespace), resource).toBe(false);
      // To be told that there is none tells nothing of others.
      expect(may("get", group, resource, "absent", namespace), resource).toBe(true);
      expect(may("list", group, resource, "", namespace), resource).toBe(false);
    }
    expect(may("update", "storage.k8s.io", "volumeattachments", "own")).toBe(false);
    for (const verb of ["get", "update", "patch", "delete"]) {
      expect(may(verb, "coordination.k8s.io", "leases", "one", "kube-node-lease"), verb).toBe(true);
      expect(may(verb, "coordination.k8s.io", "leases", "two", "kube-node-lease"), verb).toBe(false);
      expect(may(verb, "coordination.k8s.io", "leases", "one", "d"), verb).toBe(false);
      expect(may(verb, "storage.k8s.io", "csinodes", "one"), verb).toBe(true);
      expect(may(verb, "storage.k8s.io", "csinodes", "two"), verb).toBe(false);
    }
    for (const verb of ["list", "watch"]) expect(may(verb, "storage.k8s.io", "csinodes", "one")).toBe(false);
  });

  it.each([
    ["spec.nodeName", true, "one", true],
    ["spec.nodeName", false, "one", false],
    ["spec.nodeName", true, "two", false],
    ["metadata.name", true, "one", false],
  ])("lists what has %s equal %s to %s: %s", (field, equal, value, expected) => {
    const authorizer = new NodeAuthorizer(filledCache().cache);
    const fields = [{ field, equal, value }];
    const lists: [string, string][] = [
      ["", "pods"],
      ["resource.k8s.io", "resourceslices"],
    ];
    for (const [group, resource] of lists)
      for (const verb of ["list", "watch"])
        expect(
          authorizer.authorize(one, { ...nobody, verb, group, resource, fields })?.allowed ?? false,
        ).toBe(expected);
    const deletes = { ...nobody, verb: "deletecollection", group: "", resource: "pods", fields };
    expect(authorizer.authorize(one, deletes)).toBeUndefined();
  });

  it("gets nothing by what it mirrors, for it could mirror anything", () => {
    const annotations = { "kubernetes.io/config.mirror": "x" };
    const mirror = { metadata: { annotations }, ...podOf("one", secretOf("s")) };
    expect(mayOf({ "/core/pods/d/m": mirror })("get secrets s")).toBe(false);
    expect(mayOf({ "/core/pods/d/m": podOf("one", secretOf("s")) })("get secrets s")).toBe(true);
  });

  it("writes how its pods are, and never what they are to be", () => {
    const may = mayOf({});
    expect(may("patch pods/status p")).toBe(true);
    for (const verb of ["update", "patch"]) expect(may(`${verb} pods p`)).toBe(false);
    expect(may("create pods/exec p")).toBe(false);
  });

  it("is one by its group and its name together, and is asked about objects alone", () => {
    const authorizer = new NodeAuthorizer(filledCache({}).cache);
    const own = {
      ...{ isResource: true as const, verb: "get", group: "", version: "v1", resource: "nodes" },
      ...{ subresource: "", namespace: "", name: "one" },
    };
    const node = { name: "system:node:one", groups: ["system:nodes"] };
    expect(authorizer.authorize(node, own)?.allowed).toBe(true);
    for (const user of [
      { ...node, groups: ["system:authenticated"] },
      { ...node, name: "one" },
    ])
      expect(authorizer.authorize(user, own)).toBeUndefined();
    for (const path of ["/metrics", "/logs/", "/"])
      expect(authorizer.authorize(node, { isResource: false, verb: "get", path })).toBeUndefined();
  });

  it("sees no list of all secrets, though one of its pods names one without a name", () => {
    const may = mayOf({ "/core/pods/d/own": podOf("one", { imagePullSecrets: [{ name: "" }, {}] }) });
    expect([may("list secrets"), may("watch secrets")]).toEqual([false, false]);
  });
});

it("only the masters are let in whatever the policies say", () => {
  const anything = { isResource: false as const, verb: "get", path: "/" };
  expect(mastersAuthorizer.authorize({ name: "x", groups: ["system:masters"] }, anything)?.allowed).toBe(
    true,
  );
  for (const groups of [["system:nodes"], ["system:authenticated"], ["masters"], []])
    expect(mastersAuthorizer.authorize({ name: "system:masters", groups }, anything)).toBeUndefined();
});
