import { describe, expect, test } from "vitest";
import { applyDefaults } from "../defaults/apply-defaults.ts";
import { formatFieldError } from "../errors/field-error.ts";
import { kinds } from "../kinds/kinds.ts";
import type { Kind } from "../kinds/kind.ts";
import { decodeObject } from "../objects/decode-object.ts";
import { validateCreate, validateUpdate } from "./validate.ts";

interface Loose {
  [member: string]: unknown;
}

function made(kind: Kind, object: Loose): Loose {
  const metadata = {
    name: "x",
    ...(kind.namespaced ? { namespace: "default" } : {}),
    ...(object["metadata"] as object),
  };
  const { object: decoded } = decodeObject<Loose>(
    kind,
    { value: structuredClone({ ...object, metadata }) },
    "Strict",
  );
  applyDefaults(kind, decoded);
  return decoded;
}

function wrong(group: string, version: string, resource: string, object: Loose): string[] {
  const kind = kinds.byResource(group, version, resource)!;
  return validateCreate(kind, made(kind, object)).map(formatFieldError);
}

function wrongUpdate(
  group: string,
  version: string,
  resource: string,
  old: Loose,
  object: Loose,
  via = "",
): string[] {
  const kind = kinds.byResource(group, version, resource)!;
  return validateUpdate(kind, made(kind, object), made(kind, old), via).map(formatFieldError);
}

const container = (more: Loose = {}): Loose => ({ name: "a", image: "i", ...more });
const podWith = (spec: Loose): Loose => ({ spec: { containers: [container()], ...spec } });
const wrongPod = (spec: Loose): string[] => wrong("", "v1", "pods", podWith(spec));

describe("a pod", () => {
  test("that is good has nothing wrong with it", () => {
    expect(wrongPod({})).toEqual([]);
  });

  test.each<[Loose, string]>([
    [{ containers: [] }, "spec.containers: Required value"],
    [{ containers: [{ name: "a" }] }, "spec.containers[0].image: Required value"],
    [{ containers: [container(), container()] }, 'spec.containers[1].name: Duplicate value: "a"'],
    [
      { containers: [container({ name: "A" })] },
      'spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of',
    ],
    [
      { restartPolicy: "x" },
      'spec.restartPolicy: Unsupported value: "x": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      { containers: [container({ volumeMounts: [{ name: "v", mountPath: "/v" }] })] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      { containers: [container({ ports: [{ containerPort: 0 }] })] },
      "spec.containers[0].ports[0].containerPort: Required value",
    ],
    [
      { containers: [container({ livenessProbe: {} })] },
      "spec.containers[0].livenessProbe: Required value: must specify a handler type",
    ],
    [
      { containers: [container({ resources: { limits: { cpu: "1" }, requests: { cpu: "2" } } })] },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      { containers: [container({ resources: { requests: { "nvidia.com/gpu": "1" } } })] },
      "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources",
    ],
    [
      { containers: [container({ resources: { limits: { "nvidia.com/gpu": "500m" } } })] },
      'spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer',
    ],
    [
      { containers: [container({ env: [{ name: "A=B" }] })] },
      'spec.containers[0].env[0].name: Invalid value: "A=B"',
    ],
    [
      { volumes: [{ name: "v", emptyDir: {}, hostPath: { path: "/" } }] },
      "may not specify more than 1 volume type",
    ],
    [{ volumes: [{ name: "v" }, { name: "v" }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
    [{ volumes: [{ name: "v", configMap: {} }] }, "spec.volumes[0].configMap.name: Required value"],
    [{ nodeSelector: { "a b": "c" } }, 'spec.nodeSelector: Invalid value: "a b": name part must consist of'],
    [
      { dnsPolicy: "None" },
      "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
    ],
    [
      { tolerations: [{ operator: "Exists", value: "x" }] },
      "value must be empty when `operator` is 'Exists'",
    ],
    [
      { initContainers: [container({ name: "b", livenessProbe: { exec: { command: ["x"] } } })] },
      "spec.initContainers[0].livenessProbe: Forbidden",
    ],
  ])("with %j is refused", (spec, sentence) => {
    expect(wrongPod(spec).join("\n")).toContain(sentence);
  });

  test("needs a name the API can use, in a namespace", () => {
    expect(
      wrong("", "v1", "pods", {
        ...podWith({}),
        metadata: { name: "X", namespace: "", ownerReferences: [{ name: "o" }] },
      }),
    ).toEqual([
      expect.stringContaining('metadata.name: Invalid value: "X": a lowercase RFC 1123 subdomain'),
      "metadata.namespace: Required value",
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]);
  });

  test("may change its images and add tolerations, and no more", () => {
    const update = (spec: Loose, via?: string): string[] =>
      wrongUpdate(
        "",
        "v1",
        "pods",
        podWith({ tolerations: [{ key: "a", operator: "Exists" }] }),
        podWith(spec),
        via,
      );
    const tolerations = [
      { key: "a", operator: "Exists" },
      { key: "b", operator: "Exists" },
    ];
    expect(update({ containers: [container({ image: "j" })], tolerations })).toEqual([]);
    expect(update({ tolerations, hostNetwork: true })).toEqual([
      expect.stringMatching(
        /^spec: Forbidden: pod updates may not change fields other than .*\n-  "HostNetwork": false,\n\+  "HostNetwork": true,\n/s,
      ),
    ]);
    expect(update({ tolerations: [] })).toEqual([
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    ]);
    const kept = { tolerations: tolerations.slice(0, 1) };
    const timed = { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };
    expect(update({ tolerations: [timed] })).toHaveLength(1);
    for (const list of ["containers", "initContainers"])
      expect(update({ ...kept, [list]: [container({ name: "b" }), container({ name: "c" })] })).toEqual([
        `spec.${list}: Forbidden: pod updates may not add or remove containers`,
      ]);
    expect(update({ ...kept, schedulingGates: [{ name: "late" }] })).toEqual([
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'late'",
    ]);
    expect(update({ tolerations: tolerations.slice(0, 1), nodeName: "n" }, "binding")).toEqual([]);
  });
});

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [container()] } };

describe("a workload", () => {
  const deployment = (spec: Loose): Loose => ({
    spec: { selector: { matchLabels: { app: "a" } }, template, ...spec },
  });

  test.each<[Loose, string[]]>([
    [{}, []],
    [
      { selector: { matchLabels: { app: "b" } } },
      [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      ],
    ],
    [{ selector: {} }, ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]],
    [{ replicas: -1 }, ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]],
    [
      { strategy: { type: "Recreate", rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
    ],
  ])("with %j answers what is wrong", (spec, sentences) => {
    expect(wrong("apps", "v1", "deployments", deployment(spec))).toEqual(sentences);
  });

  test("checks the pod template with the template's paths", () => {
    const bad = { ...template, spec: { containers: [{ name: "a" }] } };
    expect(wrong("apps", "v1", "deployments", deployment({ template: bad }))).toEqual([
      "spec.template.spec.containers[0].image: Required value",
    ]);
  });

  test("keeps its selector", () => {
    const other = deployment({
      selector: { matchLabels: { app: "a" }, matchExpressions: [] },
      minReadySeconds: 1,
    });
    expect(wrongUpdate("apps", "v1", "deployments", deployment({}), other)).toEqual([]);
    const selector = { matchExpressions: [{ key: "app", operator: "Exists" }] };
    expect(wrongUpdate("apps", "v1", "deployments", deployment({}), deployment({ selector }))).toEqual([
      expect.stringMatching(/^spec.selector: Invalid value: .*: field is immutable$/),
    ]);
  });

  test.each(["* * * * *", "*/5 0-6 1,15 JAN MON-FRI", "@hourly"])("runs on the schedule %s", (schedule) => {
    expect(wrong("batch", "v1", "cronjobs", cronJob(schedule))).toEqual([]);
  });

  test("refuses a schedule that is none", () => {
    expect(wrong("batch", "v1", "cronjobs", cronJob("every day"))[0]).toContain(
      "expected exactly 5 fields, found 2",
    );
  });

  const cronJob = (schedule: string): Loose => ({
    spec: {
      schedule,
      jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } } },
    },
  });
});

describe("objects of the core", () => {
  test("a service needs ports it can serve", () => {
    expect(wrong("", "v1", "services", { spec: {} })).toEqual(["spec.ports: Required value"]);
    expect(wrong("", "v1", "services", { spec: { clusterIP: "None" } })).toEqual([]);
    const ports = [{ port: 80 }, { port: 80 }];
    expect(wrong("", "v1", "services", { spec: { ports } })).toEqual([
      "spec.ports[0].name: Required value",
      "spec.ports[1].name: Required value",
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ]);
  });

  test("a claim asks for storage and a way of access", () => {
    expect(wrong("", "v1", "persistentvolumeclaims", { spec: {} })).toEqual([
      "spec.accessModes: Required value: at least 1 access mode is required",
      "spec.resources[storage]: Required value",
    ]);
    const claim = (storage: string, phase = "Bound"): Loose => ({
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
      status: { phase },
    });
    const early = ["1Gi", "2Gi"].map((storage) => claim(storage, "Pending")) as [Loose, Loose];
    expect(wrongUpdate("", "v1", "persistentvolumeclaims", ...early)).toEqual([
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ]);
    expect(wrongUpdate("", "v1", "persistentvolumeclaims", claim("1Gi"), claim("2Gi"))).toEqual([]);
    expect(wrongUpdate("", "v1", "persistentvolumeclaims", claim("1Gi"), claim("500Mi"))).toEqual([
      "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
    ]);
  });

  test("a volume lies somewhere, and stays there", () => {
    const volume = (path: string): Loose => ({
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path } },
    });
    expect(wrong("", "v1", "persistentvolumes", volume("/a"))).toEqual([]);
    expect(wrongUpdate("", "v1", "persistentvolumes", volume("/a"), volume("/b"))).toEqual([
      "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
    ]);
  });

  test("frozen data stays frozen", () => {
    const frozen = (value: string, immutable = true): Loose => ({ data: { a: value }, immutable });
    expect(wrongUpdate("", "v1", "configmaps", frozen("1"), frozen("2"))).toEqual([
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
    expect(wrongUpdate("", "v1", "configmaps", frozen("1", false), frozen("2"))).toEqual([]);
  });

  test("a TLS secret has both halves", () => {
    expect(wrong("", "v1", "secrets", { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } })).toEqual([
      "data[tls.key]: Required value",
    ]);
  });

  test("an event lies in the namespace of what it tells of", () => {
    expect(wrong("", "v1", "events", { involvedObject: { namespace: "other" } })).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  });

  test("role bindings keep their role", () => {
    const binding = (name: string): Loose => ({
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b" }],
    });
    expect(wrong("rbac.authorization.k8s.io", "v1", "rolebindings", binding("view"))).toEqual([]);
    expect(
      wrongUpdate("rbac.authorization.k8s.io", "v1", "rolebindings", binding("view"), binding("edit")),
    ).toEqual([expect.stringContaining("cannot change roleRef")]);
  });
});

describe("our own kinds", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const plugin = (spec: Loose): Loose => ({
    spec: { contract: "cni", source: { path: "/opt/x" }, digest, ...spec },
  });

  test.each<[Loose, string[]]>([
    [{}, []],
    [{ digest: undefined, dev: true }, []],
    [
      { digest: undefined },
      [
        "spec.digest: Required value: a plugin is run only from a pinned copy; set `dev: true` to run a folder unverified",
      ],
    ],
    [
      { digest: "sha256:1" },
      ['spec.digest: Invalid value: "sha256:1": must be sha256: followed by 64 hexadecimal digits'],
    ],
    [
      { contract: "gpu" },
      ['spec.contract: Unsupported value: "gpu": supported values: "cni", "cri", "csi", "device"'],
    ],
    [
      { source: {} },
      ["spec.source: Required value: must specify one of: `path`, `executable`, `npm`, `oci`, `endpoint`"],
    ],
    [
      { source: { path: "/x", endpoint: "unix:///y" } },
      ["spec.source.endpoint: Forbidden: may not specify more than 1 source"],
    ],
    [
      { source: { endpoint: `unix:///${"x".repeat(107)}` } },
      [expect.stringContaining("a socket path has at most 107 bytes")],
    ],
    [
      { controller: "berth" },
      ["spec.controller: Forbidden: only a plugin with `contract: csi` has a controller side"],
    ],
  ])("a plugin with %j answers what is wrong", (spec, sentences) => {
    const given = plugin(spec);
    const cleaned = Object.fromEntries(
      Object.entries(given["spec"] as Loose).filter(([, value]) => value !== undefined),
    );
    expect(wrong("berth.dev", "v1alpha1", "plugins", { spec: cleaned })).toEqual(sentences);
  });

  test("a Plugin's name can label its instances", () => {
    const named = (name: string): string[] =>
      wrong("berth.dev", "v1alpha1", "plugins", { ...plugin({}), metadata: { name } });
    expect(named("p".repeat(63))).toEqual([]);
    expect(named("p".repeat(64))[0]).toContain("a plugin's name has at most 63 characters");
  });

  test("a set chains only its own plugins", () => {
    expect(
      wrong("berth.dev", "v1alpha1", "pluginsets", { spec: { plugins: ["a"], networkChain: ["b"] } }),
    ).toEqual(['spec.networkChain[0]: Not found: "b"']);
  });

  test("an instance is named by plugin and node", () => {
    const spec = { plugin: "a", nodeName: "n", contract: "cni" };
    expect(wrong("berth.dev", "v1alpha1", "plugininstances", { metadata: { name: "a.n" }, spec })).toEqual(
      [],
    );
    expect(wrong("berth.dev", "v1alpha1", "plugininstances", { spec })[0]).toContain("must be a.n");
  });
});
