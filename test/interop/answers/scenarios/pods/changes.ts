import type { Scenario } from "../../exchange.ts";
import { changes, pod, pods } from "./requests.ts";

export const changeScenarios: readonly Scenario[] = [
  changes("changes of a pod", [
    { spec: { containers: [{ name: "main", image: "other" }] } },
    { spec: { containers: [{ name: "main", image: "" }] } },
    { spec: { containers: [{ name: "main", command: ["x"] }] } },
    { spec: { containers: [{ name: "two", image: "x" }] } },
    { spec: { containers: [{ name: "main", resources: { limits: { cpu: "2" } } }] } },
    { spec: { activeDeadlineSeconds: 10 } },
    { spec: { activeDeadlineSeconds: 20 } },
    { spec: { activeDeadlineSeconds: null } },
    { spec: { tolerations: [{ key: "x", operator: "Exists" }] } },
    { spec: { terminationGracePeriodSeconds: 1 } },
    { spec: { nodeName: "n" } },
    { spec: { restartPolicy: "Never" } },
    { metadata: { labels: { "bad key": "x" } } },
    { metadata: { name: "two" } },
    { metadata: { uid: "other" } },
    { status: { phase: "Running" } },
  ]),
  {
    name: "subresources of a pod",
    exchanges: [
      { path: pods, body: pod("one", {}) },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "main", image: "x" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "debug", image: "x", targetContainerName: "none" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: {
          spec: { ephemeralContainers: [{ name: "debug", image: "x", ports: [{ containerPort: 1 }] }] },
        },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "debug", image: "x", targetContainerName: "main" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/resize`,
        body: { spec: { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }] } },
      },
      { path: `${pods}/one/binding`, body: { target: {} } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Pod", name: "n" } } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Node", name: "n" } } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Node", name: "n" } } },
      { path: `${pods}/none/binding`, body: { target: { kind: "Node", name: "n" } } },
      {
        method: "PATCH",
        type: "application/merge-patch+json",
        path: `${pods}/one/status`,
        body: { status: { phase: "Dancing" } },
      },
      {
        method: "PATCH",
        type: "application/merge-patch+json",
        path: `${pods}/one/status`,
        body: { status: { phase: "Running" } },
      },
      {
        path: `${pods}/one/eviction`,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "two" } },
      },
      {
        path: `${pods}/one/eviction`,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "one" } },
      },
      { path: `${pods}/one` },
    ],
  },
];
