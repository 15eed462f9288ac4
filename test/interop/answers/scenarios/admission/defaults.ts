import { allow, as, rule } from "../../as-user.ts";
import type { Scenario } from "../../exchange.ts";
import { core, make, merge, object, learnt, sized } from "./objects.ts";

export const defaults: readonly Scenario[] = [
  {
    name: "priorities",
    exchanges: [
      make("none"),
      make("critical", { priorityClassName: "system-node-critical" }),
      make("missing", { priorityClassName: "missing" }),
      make("number", { priority: 5 }),
      make("policy", { preemptionPolicy: "Never" }),
      make("wrong", { priority: 5, priorityClassName: "system-cluster-critical" }),
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "admission-usual", {
          value: 7,
          globalDefault: true,
          preemptionPolicy: "Never",
        }),
      },
      learnt,
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "admission-second", {
          value: 8,
          globalDefault: true,
        }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "system-mine", { value: 8 }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "admission-high", { value: 1_000_000_001 }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "admission-odd", {
          value: 1,
          preemptionPolicy: "Maybe",
        }),
      },
      {
        method: "PATCH",
        path: "/apis/scheduling.k8s.io/v1/priorityclasses/admission-usual",
        type: merge,
        body: { value: 8 },
      },
      {
        method: "PATCH",
        path: "/apis/scheduling.k8s.io/v1/priorityclasses/admission-usual",
        type: merge,
        body: { preemptionPolicy: "PreemptLowerPriority" },
      },
      learnt,
      make("default"),
      make("both", { priority: 9 }),
      { method: "DELETE", path: "/apis/scheduling.k8s.io/v1/priorityclasses/admission-usual" },
      { method: "DELETE", path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical" },
      { path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical" },
      { path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-cluster-critical" },
    ],
  },
  {
    name: "runtime classes",
    exchanges: [
      make("missing", { runtimeClassName: "admission-missing" }),
      {
        path: "/apis/node.k8s.io/v1/runtimeclasses",
        body: object("node.k8s.io/v1", "RuntimeClass", "admission-r", {
          handler: "runc",
          overhead: { podFixed: { cpu: "10m" } },
          scheduling: { nodeSelector: { a: "b" }, tolerations: [{ key: "t", operator: "Exists" }] },
        }),
      },
      learnt,
      make("fits", {
        runtimeClassName: "admission-r",
        nodeSelector: { c: "d" },
        tolerations: [{ key: "x", operator: "Exists" }],
      }),
      make("conflict", { runtimeClassName: "admission-r", nodeSelector: { a: "other" } }),
      make("overhead", { runtimeClassName: "admission-r", overhead: { cpu: "20m" } }),
      make("alone", { overhead: { cpu: "20m" } }),
      { method: "DELETE", path: "/apis/node.k8s.io/v1/runtimeclasses/admission-r" },
    ],
  },
  {
    name: "default storage classes",
    exchanges: [
      ...["admission-a", "admission-b"].map((name) => ({
        path: "/apis/storage.k8s.io/v1/storageclasses",
        body: {
          ...object("storage.k8s.io/v1", "StorageClass", name, { provisioner: "x.example.com" }),
          metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        },
      })),
      learnt,
      ...[{}, { storageClassName: "" }, { storageClassName: "none" }].map((more, at) => ({
        path: `${core}/persistentvolumeclaims?dryRun=All`,
        body: object("v1", "PersistentVolumeClaim", `c${at}`, {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } }, ...more },
        }),
      })),
      ...[false, true].map((allowVolumeExpansion) => ({
        path: "/apis/storage.k8s.io/v1/storageclasses",
        body: object(
          "storage.k8s.io/v1",
          "StorageClass",
          allowVolumeExpansion ? "admission-grows" : "admission-fixed",
          {
            provisioner: "x.example.com",
            allowVolumeExpansion,
          },
        ),
      })),
      learnt,
      ...["admission-fixed", "admission-grows", "none", ""].flatMap((storageClassName, at) => [
        {
          path: `${core}/persistentvolumeclaims`,
          body: object("v1", "PersistentVolumeClaim", `size-${at}`, {
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "2Gi" } },
              storageClassName,
              volumeName: "v",
            },
          }),
        },
        {
          method: "PATCH",
          path: `${core}/persistentvolumeclaims/size-${at}/status`,
          type: merge,
          body: { status: { phase: "Bound", capacity: { storage: "2Gi" } } },
        },
        ...["3Gi", "1Gi"].map((storage) => ({
          method: "PATCH",
          path: `${core}/persistentvolumeclaims/size-${at}`,
          type: merge,
          body: { spec: { resources: { requests: { storage } } } },
        })),
      ]),
      ...["admission-a", "admission-b", "admission-fixed", "admission-grows"].map((name) => ({
        method: "DELETE",
        path: `/apis/storage.k8s.io/v1/storageclasses/${name}`,
      })),
    ],
  },
  {
    name: "default tolerations",
    exchanges: [
      make("a", {
        tolerations: [
          {
            key: "node.kubernetes.io/not-ready",
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: 5,
          },
        ],
      }),
      make("b", { tolerations: [{ operator: "Exists" }] }),
      make("c", { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists" }] }),
    ],
  },
  {
    name: "default ingress classes",
    exchanges: [
      ...["admission-a", "admission-b"].map((name) => ({
        path: "/apis/networking.k8s.io/v1/ingressclasses",
        body: object("networking.k8s.io/v1", "IngressClass", name, {
          metadata: { name, annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
          spec: { controller: "example.com/x" },
        }),
        pause: 1100,
      })),
      learnt,
      ...[{}, { ingressClassName: "none" }, { ingressClassName: "" }].map((more, at) => ({
        path: "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
        body: object("networking.k8s.io/v1", "Ingress", `i${at}`, {
          spec: { defaultBackend: { service: { name: "s", port: { number: 1 } } }, ...more },
        }),
      })),
      {
        path: "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
        body: object("networking.k8s.io/v1", "Ingress", "old", {
          metadata: { name: "old", annotations: { "kubernetes.io/ingress.class": "x" } },
          spec: { defaultBackend: { service: { name: "s", port: { number: 1 } } } },
        }),
      },
      ...["admission-a", "admission-b"].map((name) => ({
        method: "DELETE",
        path: `/apis/networking.k8s.io/v1/ingressclasses/${name}`,
      })),
    ],
  },
  {
    name: "taints of new nodes",
    exchanges: [
      ...[
        undefined,
        [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
        [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }],
        [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule", value: "x" }],
      ].flatMap((taints, at) => [
        { path: "/api/v1/nodes", body: object("v1", "Node", `admission-taint-${at}`, { spec: { taints } }) },
        { method: "DELETE", path: `/api/v1/nodes/admission-taint-${at}` },
      ]),
    ],
  },
  {
    name: "extended resources",
    exchanges: [make("extended", sized({ "example.com/x": "1" }, { "example.com/x": "1" }))],
  },
  {
    name: "owners that are blocked",
    exchanges: [
      ...allow("admission-owner", "maker", rule("create,update,patch configmaps")),
      as("admission-owner", {
        path: `${core}/configmaps`,
        body: object("v1", "ConfigMap", "owned", {
          metadata: {
            name: "owned",
            ownerReferences: [
              {
                apiVersion: "v1",
                kind: "Pod",
                name: "p",
                uid: "1",
                blockOwnerDeletion: true,
                controller: true,
              },
            ],
          },
        }),
      }),
    ],
  },
];
