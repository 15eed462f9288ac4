import { apps, configMap, configMaps, core, deploymentSpec, named, pod, pods } from "./requests.ts";

import { tabledAccessAndStorage } from "./tabled-access-and-storage.ts";

export const tabled: readonly (readonly [string, string, object])[] = [
  [
    pods,
    "p",
    pod("p", {
      nodeSelector: { a: "b" },
      readinessGates: [{ conditionType: "x/y" }],
      initContainers: [{ name: "i", image: "i" }],
    }),
  ],
  [configMaps, "c", configMap("c")],
  [`${core}/secrets`, "s", named("v1", "Secret", "s", { stringData: { a: "b" } })],
  [
    `${core}/services`,
    "s",
    named("v1", "Service", "s", {
      spec: {
        clusterIP: "None",
        ports: [{ port: 80 }, { port: 53, protocol: "UDP", name: "d" }],
        selector: { a: "b" },
      },
    }),
  ],
  [
    `${core}/services`,
    "e",
    named("v1", "Service", "e", { spec: { type: "ExternalName", externalName: "example.com" } }),
  ],
  [`${core}/serviceaccounts`, "a", named("v1", "ServiceAccount", "a", { secrets: [{ name: "x" }] })],
  [
    `${core}/endpoints`,
    "e",
    named("v1", "Endpoints", "e", {
      subsets: [
        {
          addresses: [{ ip: "10.1.1.1" }, { ip: "10.1.1.2" }],
          ports: [{ port: 80 }, { port: 81, name: "b" }],
        },
      ],
    }),
  ],
  [
    `${core}/persistentvolumeclaims`,
    "p",
    named("v1", "PersistentVolumeClaim", "p", {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    }),
  ],
  [
    `${core}/limitranges`,
    "l",
    named("v1", "LimitRange", "l", { spec: { limits: [{ type: "Container", max: { cpu: "1" } }] } }),
  ],
  [
    `${core}/resourcequotas`,
    "q",
    named("v1", "ResourceQuota", "q", {
      spec: { hard: { pods: "10", "requests.cpu": "4", "limits.memory": "1Gi" } },
    }),
  ],
  [
    `${core}/podtemplates`,
    "t",
    named("v1", "PodTemplate", "t", {
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    }),
  ],
  [
    `${core}/replicationcontrollers`,
    "r",
    named("v1", "ReplicationController", "r", {
      spec: {
        replicas: 1,
        selector: { a: "b" },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    }),
  ],
  [
    `${core}/events`,
    "e",
    named("v1", "Event", "e", {
      involvedObject: { kind: "Pod", name: "p", namespace: "{ns}", fieldPath: "spec.containers{c}" },
      reason: "R",
      message: "m",
      type: "Normal",
      source: { component: "k", host: "h" },
      count: 3,
    }),
  ],
  [`${apps}/deployments`, "d", named("apps/v1", "Deployment", "d", { spec: deploymentSpec() })],
  [`${apps}/replicasets`, "r", named("apps/v1", "ReplicaSet", "r", { spec: deploymentSpec() })],
  [
    `${apps}/statefulsets`,
    "s",
    named("apps/v1", "StatefulSet", "s", { spec: deploymentSpec({ serviceName: "s" }) }),
  ],
  [
    `${apps}/daemonsets`,
    "d",
    named("apps/v1", "DaemonSet", "d", { spec: { ...deploymentSpec(), replicas: undefined } }),
  ],
  [
    `${apps}/controllerrevisions`,
    "c",
    named("apps/v1", "ControllerRevision", "c", { revision: 3, data: { a: 1 } }),
  ],
  [
    "/apis/batch/v1/namespaces/{ns}/jobs",
    "j",
    named("batch/v1", "Job", "j", {
      spec: {
        completions: 3,
        parallelism: 2,
        template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } },
      },
    }),
  ],
  [
    "/apis/batch/v1/namespaces/{ns}/cronjobs",
    "c",
    named("batch/v1", "CronJob", "c", {
      spec: {
        schedule: "* * * * *",
        timeZone: "Etc/UTC",
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
        },
      },
    }),
  ],
  [
    "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
    "h",
    named("autoscaling/v2", "HorizontalPodAutoscaler", "h", {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" },
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          },
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } },
          },
        ],
      },
    }),
  ],
  [
    "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
    "p",
    named("policy/v1", "PodDisruptionBudget", "p", {
      spec: { minAvailable: "50%", selector: { matchLabels: { a: "b" } } },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
    "i",
    named("networking.k8s.io/v1", "Ingress", "i", {
      spec: {
        ingressClassName: "x",
        tls: [{ hosts: ["a"] }],
        rules: [
          {
            host: "a.example.com",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
    "n",
    named("networking.k8s.io/v1", "NetworkPolicy", "n", {
      spec: { podSelector: { matchLabels: { a: "b" } } },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/ingressclasses",
    "reads-i",
    named("networking.k8s.io/v1", "IngressClass", "reads-i", {
      spec: { controller: "example.com/c", parameters: { kind: "K", name: "n", apiGroup: "g.example.com" } },
    }),
  ],
  [
    "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
    "e",
    named("discovery.k8s.io/v1", "EndpointSlice", "e", {
      addressType: "IPv4",
      ports: [{ port: 80, name: "a" }],
      endpoints: [{ addresses: ["10.1.1.1"] }],
    }),
  ],
  [
    "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
    "l",
    named("coordination.k8s.io/v1", "Lease", "l", {
      spec: { holderIdentity: "me", leaseDurationSeconds: 10 },
    }),
  ],
  ...tabledAccessAndStorage,
];
