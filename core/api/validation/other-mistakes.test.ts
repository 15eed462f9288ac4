import { describe, expect, test } from "vitest";
import { claim, path, scaler, service, wrong, type Loose } from "./objects-under-test.ts";

/** The mistakes that users make, in the words that they know from any cluster. */
type Mistake = [what: string, kind: string, object: Loose, ...sentences: string[]];

const mistakes: Record<string, readonly Mistake[]> = {
  services: [
    ["no ports", "v1/services", service({ ports: [] }), "spec.ports: Required value"],
    [
      "a port of zero",
      "v1/services",
      service({ ports: [{ port: 0 }] }),
      "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
    [
      "ports without names",
      "v1/services",
      service({ ports: [{ port: 80 }, { port: 81 }] }),
      "spec.ports[0].name: Required value",
      "spec.ports[1].name: Required value",
    ],
    [
      "a node's port for the cluster alone",
      "v1/services",
      service({ ports: [{ port: 80, nodePort: 30080 }] }),
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      "a name elsewhere without a name",
      "v1/services",
      { spec: { type: "ExternalName" } },
      "spec.externalName: Required value",
    ],
    [
      "an unknown type",
      "v1/services",
      service({ type: "Public" }),
      'spec.type: Unsupported value: "Public": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      "a dot in its name",
      "v1/services",
      { ...service({}), metadata: { name: "a.b" } },
      `metadata.name: Invalid value: "a.b": must not contain dots`,
    ],
    [
      "unknown affinity",
      "v1/services",
      service({ sessionAffinity: "IP" }),
      'spec.sessionAffinity: Unsupported value: "IP": supported values: "ClientIP", "None"',
    ],
  ],
  ingresses: [
    [
      "a path that begins anywhere",
      "networking.k8s.io/v1/ingresses",
      path({ path: "foo" }),
      'spec.rules[0].http.paths[0].path: Invalid value: "foo": must be an absolute path',
    ],
    [
      "no type of path",
      "networking.k8s.io/v1/ingresses",
      path({ pathType: "" }),
      "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
    ],
    [
      "an address as host",
      "networking.k8s.io/v1/ingresses",
      path({}, "1.2.3.4"),
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ],
    [
      "no port of the service",
      "networking.k8s.io/v1/ingresses",
      path({ backend: { service: { name: "s" } } }),
      "spec.rules[0].http.paths[0].backend: Required value: port name or number is required",
    ],
  ],
  claims: [
    [
      "no access mode",
      "v1/persistentvolumeclaims",
      claim({ accessModes: [] }),
      "spec.accessModes: Required value: at least 1 access mode is required",
    ],
    [
      "a short access mode",
      "v1/persistentvolumeclaims",
      claim({ accessModes: ["RWO"] }),
      'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      "no size",
      "v1/persistentvolumeclaims",
      claim({ resources: {} }),
      "spec.resources[storage]: Required value",
    ],
    [
      "nothing asked for",
      "v1/persistentvolumeclaims",
      claim({ resources: { requests: { storage: "0" } } }),
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
  ],
  rbac: [
    [
      "no verbs",
      "rbac.authorization.k8s.io/v1/roles",
      { rules: [{ apiGroups: [""], resources: ["pods"], verbs: [] }] },
      "rules[0].verbs: Required value: verbs must contain at least one value",
    ],
    [
      "no group",
      "rbac.authorization.k8s.io/v1/roles",
      { rules: [{ resources: ["pods"], verbs: ["get"] }] },
      "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
    ],
    [
      "no resource",
      "rbac.authorization.k8s.io/v1/roles",
      { rules: [{ apiGroups: [""], verbs: ["get"] }] },
      "rules[0].resources: Required value: resource rules must supply at least one resource",
    ],
    [
      "an account without namespace",
      "rbac.authorization.k8s.io/v1/clusterrolebindings",
      {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "a" },
        subjects: [{ kind: "ServiceAccount", name: "a" }],
      },
      "subjects[0].namespace: Required value",
    ],
    [
      "an unknown subject",
      "rbac.authorization.k8s.io/v1/rolebindings",
      {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" },
        subjects: [{ kind: "Robot", name: "a" }],
      },
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
    [
      "an unknown role",
      "rbac.authorization.k8s.io/v1/rolebindings",
      { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "a" } },
      'roleRef.kind: Unsupported value: "Group": supported values: "Role", "ClusterRole"',
    ],
  ],
  "network policies": [
    [
      "a protocol of a higher layer",
      "networking.k8s.io/v1/networkpolicies",
      { spec: { podSelector: {}, ingress: [{ ports: [{ protocol: "HTTP" }] }] } },
      'spec.ingress[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"',
    ],
    [
      "an address as a range",
      "networking.k8s.io/v1/networkpolicies",
      { spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0" } }] }] } },
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      "a peer that is none",
      "networking.k8s.io/v1/networkpolicies",
      { spec: { podSelector: {}, ingress: [{ from: [{}] }] } },
      "spec.ingress[0].from[0]: Required value: must specify a peer",
    ],
    [
      "a peer of two kinds",
      "networking.k8s.io/v1/networkpolicies",
      {
        spec: {
          podSelector: {},
          ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }],
        },
      },
      "spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer",
    ],
  ],
  "disruption budgets": [
    [
      "less than none",
      "policy/v1/poddisruptionbudgets",
      { spec: { minAvailable: -1 } },
      "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "two limits",
      "policy/v1/poddisruptionbudgets",
      { spec: { minAvailable: 1, maxUnavailable: 1 } },
      "minAvailable and maxUnavailable cannot be both set",
    ],
    [
      "more than all",
      "policy/v1/poddisruptionbudgets",
      { spec: { minAvailable: "101%" } },
      'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  autoscalers: [
    [
      "nothing to grow to",
      "autoscaling/v2/horizontalpodautoscalers",
      scaler({ minReplicas: 3, maxReplicas: 2 }),
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
    ],
    [
      "most below least",
      "autoscaling/v2/horizontalpodautoscalers",
      scaler({ minReplicas: 5 }),
      "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
    ],
    [
      "no target",
      "autoscaling/v2/horizontalpodautoscalers",
      scaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "" } }),
      "spec.scaleTargetRef.name: Required value",
    ],
  ],
  quotas: [
    [
      "an unknown resource",
      "v1/resourcequotas",
      { spec: { hard: { foo: "1" } } },
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
    ],
    [
      "less than none",
      "v1/resourcequotas",
      { spec: { hard: { pods: "-1" } } },
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      "a part of a pod",
      "v1/resourcequotas",
      { spec: { hard: { pods: "1500m" } } },
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
  ],
};

test("a ConfigMap holds a MiB of bytes, not of characters, and no more", () => {
  const held = (letters: number, more: Loose = {}): string[] =>
    wrong("v1/configmaps", { data: { a: "é".repeat(letters), b: "x" }, ...more });
  const half = 512 * 1024 - 1;
  const tooMuch = [expect.stringContaining("Too long: may not be more than 1048576 bytes")];
  expect(held(half)).toEqual([]);
  expect(held(half + 1)).toEqual(tooMuch);
  expect(held(half, { binaryData: { c: "AAAA" } })).toEqual(tooMuch);
});

describe.each(Object.entries(mistakes))("%s with", (_, rows) => {
  test.each(rows)("%s", (...[, kind, object, ...sentences]) => {
    const told = wrong(kind, object);
    for (const sentence of sentences) expect(told.join("\n")).toContain(sentence);
    expect(told).toHaveLength(sentences.length);
  });
});
