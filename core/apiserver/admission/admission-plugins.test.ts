import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { kinds } from "../../api/index.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";
import { certificateDecisions } from "./certificate-requests.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { runtimeClassAdmission } from "./runtime-class.ts";

function request(
  operation: AdmissionRequest["operation"],
  [group, version, kind]: readonly [string, string, string],
  more: { subresource?: string; namespace?: string; name?: string; object?: object; old?: object },
): AdmissionRequest {
  const { object, old, ...rest } = more;
  const drafts = { ...(object && { object: object as Draft }), ...(old && { old: old as Draft }) };
  const plain = { subresource: "", namespace: "", name: "x", dryRun: false, warnings: [] };
  const user = { name: "ann", groups: [] };
  return { operation, kind: kinds.byKind(group, version, kind)!, ...plain, user, ...rest, ...drafts };
}

describe("NamespaceLifecycle", () => {
  const plugin = namespaceLifecycle(
    filledCache({
      "/core/namespaces/here": { metadata: { name: "here" } },
      "/core/namespaces/going": { metadata: { name: "going", deletionTimestamp: "2026-01-01T00:00:00Z" } },
    }).cache,
  );
  const validate =
    (...asked: Parameters<typeof request>) =>
    () =>
      plugin.validate!(request(...asked));

  it("lets nobody delete the namespaces that a cluster cannot be without", () => {
    const namespace = ["", "v1", "Namespace"] as const;
    for (const name of ["default", "kube-system", "kube-public"])
      expect(validate("DELETE", namespace, { name }), name).toThrow("this namespace may not be deleted");
    expect(validate("DELETE", namespace, { name: "here" })).not.toThrow();
  });

  it("lets nothing be made where there is no namespace, or one that goes, and changed still", () => {
    const pod = ["", "v1", "Pod"] as const;
    expect(validate("CREATE", pod, { namespace: "here" })).not.toThrow();
    expect(validate("CREATE", pod, { namespace: "nowhere" })).toThrow('namespaces "nowhere" not found');
    expect(validate("CREATE", pod, { namespace: "going" })).toThrow("because it is being terminated");
    expect(validate("UPDATE", pod, { namespace: "going" })).not.toThrow();
  });
});

describe("CertificateApproval", () => {
  const csr = ["certificates.k8s.io", "v1", "CertificateSigningRequest"] as const;
  const old = { metadata: { name: "x" }, spec: { signerName: "example.com/mine" }, status: {} };
  const signed = { ...old, status: { certificate: "MIIB" } };
  const failed = { ...old, status: { conditions: [{ type: "Failed" }] } };
  /** Whoever may do these verbs to these signers. */
  const may = (...rights: string[]): Authorizer => ({
    name: "a test",
    authorize: (_, asked) =>
      asked.isResource && rights.includes(`${asked.verb} ${asked.resource} ${asked.name}`)
        ? { allowed: true, reason: "" }
        : undefined,
  });
  const validate =
    (authorizer: Authorizer, subresource: string, object: object) => (): void | Promise<void> =>
      certificateDecisions(authorizer).validate!(request("UPDATE", csr, { subresource, object, old }));

  it("asks for the verb sign of whoever puts a certificate into a request, or gives it up", () => {
    for (const object of [signed, failed])
      expect(validate(may("approve signers example.com/mine"), "status", object)).toThrow(
        'not permitted to sign requests with signerName "example.com/mine"',
      );
    for (const name of ["example.com/mine", "example.com/*"])
      expect(validate(may(`sign signers ${name}`), "status", signed)).not.toThrow();
    expect(validate(may("sign signers example.com/other"), "status", signed)).toThrow("not permitted");
    expect(validate(may(), "status", old)).not.toThrow();
  });

  it("asks for the verb approve of whoever decides", () => {
    expect(validate(may("sign signers example.com/mine"), "approval", old)).toThrow("to approve requests");
    expect(validate(may("approve signers example.com/*"), "approval", old)).not.toThrow();
  });
});

describe("DefaultTolerationSeconds", () => {
  const tolerationsOf = (...tolerations: object[]): unknown => {
    const object = { metadata: { name: "x" }, spec: { tolerations } };
    void defaultTolerationSeconds().mutate!(
      request("CREATE", ["", "v1", "Pod"], { namespace: "here", object }),
      undefined as never,
    );
    return object.spec.tolerations.slice(tolerations.length).map((one) => (one as { key: string }).key);
  };
  const [notReady, unreachable] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

  it("gives a pod time for what it says nothing about, and leaves what it says", () => {
    expect(tolerationsOf()).toEqual([notReady, unreachable]);
    expect(tolerationsOf({ key: notReady, effect: "NoExecute" })).toEqual([unreachable]);
    expect(tolerationsOf({ key: notReady, effect: "NoSchedule" })).toEqual([notReady, unreachable]);
    expect(tolerationsOf({ operator: "Exists" })).toEqual([]);
  });
});

describe("RuntimeClass", () => {
  const plugin = runtimeClassAdmission(
    filledCache({
      "/node.k8s.io/runtimeclasses/heavy": {
        metadata: { name: "heavy" },
        handler: "heavy",
        overhead: { podFixed: { memory: "64Mi" } },
      },
      "/node.k8s.io/runtimeclasses/plain": { metadata: { name: "plain" }, handler: "plain" },
    }).cache,
  );
  const asked = (spec: object): AdmissionRequest =>
    request("CREATE", ["", "v1", "Pod"], { namespace: "here", object: { metadata: { name: "x" }, spec } });
  const admit = (spec: object) => (): void => {
    const pod = asked(spec);
    void plugin.mutate!(pod, undefined as never);
    void plugin.validate!(pod);
  };

  it("lets a pod's overhead be that of its class alone", () => {
    const overhead = { memory: "64Mi" };
    expect(admit({})).not.toThrow();
    expect(admit({ runtimeClassName: "plain" })).not.toThrow();
    expect(admit({ runtimeClassName: "heavy" })).not.toThrow();
    expect(admit({ runtimeClassName: "heavy", overhead })).not.toThrow();
    expect(admit({ runtimeClassName: "heavy", overhead: { memory: "1Mi" } })).toThrow(
      "pods \"x\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
    for (const more of [{}, { runtimeClassName: "plain" }])
      expect(admit({ ...more, overhead })).toThrow(
        'pods "x" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      );
  });

  it("refuses a pod of a class that is not there", () => {
    expect(admit({ runtimeClassName: "nowhere" })).toThrow(
      'pods "x" is forbidden: pod rejected: RuntimeClass "nowhere" not found',
    );
  });

  it("looks again at what became of a pod after it", () => {
    const pod = asked({ runtimeClassName: "heavy", overhead: { memory: "1Mi" } });
    expect(() => void plugin.validate!(pod)).toThrow("doesn't match RuntimeClass's defined Overhead");
  });
});
