import { describe, expect, test } from "vitest";
import { kinds } from "../kinds/kinds.ts";
import { applyDefaults } from "./apply-defaults.ts";

function defaulted(
  group: string,
  version: string,
  resource: string,
  object: object,
): Record<string, unknown> {
  applyDefaults(kinds.byResource(group, version, resource)!, object);
  return object as Record<string, unknown>;
}

describe("the defaults of a pod", () => {
  const pod = defaulted("", "v1", "pods", {
    metadata: { name: "p" },
    spec: {
      serviceAccountName: "sa",
      containers: [
        {
          name: "a",
          image: "registry:5000/a/busybox",
          ports: [{ containerPort: 80 }],
          livenessProbe: { httpGet: { port: 80 } },
          resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
          env: [{ name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        },
        { name: "b", image: "busybox:1.36" },
      ],
      volumes: [{ name: "v" }, { name: "s", secret: { secretName: "x" } }],
    },
  });
  const spec = pod["spec"] as { containers: Record<string, unknown>[]; volumes: unknown[] };

  test("fill the spec", () => {
    expect(spec).toMatchObject({
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      terminationGracePeriodSeconds: 30,
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
      securityContext: {},
      serviceAccount: "sa",
    });
  });

  test("fill containers: pull policy by tag, requests from limits, probes, ports", () => {
    expect(spec.containers[0]).toMatchObject({
      imagePullPolicy: "Always",
      terminationMessagePath: "/dev/termination-log",
      ports: [{ containerPort: 80, protocol: "TCP" }],
      resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "1Gi" } },
      livenessProbe: {
        httpGet: { port: 80, path: "/", scheme: "HTTP" },
        periodSeconds: 10,
        failureThreshold: 3,
      },
      env: [{ valueFrom: { fieldRef: { apiVersion: "v1" } } }],
    });
    expect(spec.containers[1]).toMatchObject({ imagePullPolicy: "IfNotPresent", resources: {} });
  });

  test("make a volume without a source an emptyDir, and give files their mode", () => {
    expect(spec.volumes).toEqual([
      { name: "v", emptyDir: {} },
      { name: "s", secret: { secretName: "x", defaultMode: 420 } },
    ]);
  });
});

test("a deployment rolls by a quarter, and its template gets what a pod gets but for the pod's own", () => {
  const { spec } = defaulted("apps", "v1", "deployments", {
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: "a", resources: { limits: { cpu: "1" } } }] } },
    },
  }) as { spec: { template: { spec: Record<string, unknown> } } };
  expect(spec).toMatchObject({
    replicas: 1,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    template: { spec: { restartPolicy: "Always", containers: [{ resources: { limits: { cpu: "1" } } }] } },
  });
  expect(spec.template.spec["enableServiceLinks"]).toBeUndefined();
});

test("a secret's stringData is written over its data as base64", () => {
  const secret = defaulted("", "v1", "secrets", {
    data: { a: "eA==", b: "eA==" },
    stringData: { a: "grüezi" },
  });
  expect(secret).toMatchObject({ type: "Opaque", data: { a: "Z3LDvGV6aQ==", b: "eA==" } });
});

test("a service's target port is its port, and its type decides on traffic policies", () => {
  const service = defaulted("", "v1", "services", { spec: { ports: [{ port: 80 }], type: "NodePort" } });
  expect(service["spec"]).toMatchObject({
    ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    sessionAffinity: "None",
    externalTrafficPolicy: "Cluster",
    internalTrafficPolicy: "Cluster",
  });
});

test("nothing that is there is overwritten", () => {
  const spec = { replicas: 0, strategy: { type: "Recreate" }, revisionHistoryLimit: 0 };
  expect(defaulted("apps", "v1", "deployments", { spec })["spec"]).toMatchObject({
    replicas: 0,
    strategy: { type: "Recreate" },
    revisionHistoryLimit: 0,
  });
});

test("a role is of the one group there is, also where that is said to be none", () => {
  const binding = defaulted("rbac.authorization.k8s.io", "v1", "rolebindings", {
    roleRef: { apiGroup: "", kind: "Role", name: "a" },
    subjects: [
      { kind: "User", name: "u" },
      { kind: "ServiceAccount", name: "s" },
    ],
  });
  expect(binding).toMatchObject({
    roleRef: { apiGroup: "rbac.authorization.k8s.io" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io" }, {}],
  });
});

test("an autoscaler that says how it behaves gets the rest of that said", () => {
  const scaleDown = { stabilizationWindowSeconds: 60 };
  const scaler = defaulted("autoscaling", "v2", "horizontalpodautoscalers", {
    spec: { behavior: { scaleDown } },
  });
  expect(scaler["spec"]).toMatchObject({
    minReplicas: 1,
    metrics: [{ type: "Resource", resource: { name: "cpu" } }],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Pods", value: 4, periodSeconds: 15 },
          { type: "Percent", value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: "Max",
        policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
      },
    },
  });
});

test("a job runs once, says so, and lets the server choose its selector", () => {
  const { spec } = defaulted("batch", "v1", "jobs", { spec: { template: {} } }) as { spec: object };
  expect(spec).toMatchObject({
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    manualSelector: false,
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
  });
});
