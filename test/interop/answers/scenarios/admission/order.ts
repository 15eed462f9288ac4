import { as } from "../../as-user.ts";
import type { Scenario } from "../../exchange.ts";
import { container, core, learnt, make, merge, object, pod, sized } from "./objects.ts";

const nowhere = "/api/v1/namespaces/admission-nowhere";
const node = "admission-mirrored";
const mirror = { "kubernetes.io/config.mirror": "x" };
const owner = { apiVersion: "v1", kind: "Node", name: node, uid: "{uid}", controller: true };
const label = (labels: object): object => ({ metadata: { labels } });

/** Who speaks first where several would refuse, and rules that need several of them. */
export const order: readonly Scenario[] = [
  {
    name: "order of refusals",
    exchanges: [
      { path: `${nowhere}/pods`, body: pod("p") },
      { path: `${nowhere}/pods`, body: pod("p", { serviceAccountName: "missing" }) },
      { path: `${nowhere}/serviceaccounts`, body: object("v1", "ServiceAccount", "Bad_Name") },
      {
        path: `${core}/limitranges`,
        body: object("v1", "LimitRange", "l", {
          spec: { limits: [{ type: "Container", max: { cpu: "1" } }] },
        }),
      },
      {
        method: "PATCH",
        path: "/api/v1/namespaces/{ns}",
        type: merge,
        body: label({ "pod-security.kubernetes.io/enforce": "restricted" }),
      },
      learnt,
      make("all", {
        serviceAccountName: "missing",
        priorityClassName: "missing",
        runtimeClassName: "admission-missing",
        ...sized({ cpu: "2" }),
      }),
      make("class", {
        priorityClassName: "missing",
        runtimeClassName: "admission-missing",
        ...sized({ cpu: "2" }),
      }),
      make("runtime", { runtimeClassName: "admission-missing", ...sized({ cpu: "2" }) }),
      make("limits", sized({ cpu: "2" }, { cpu: "2" })),
      make("Bad_Name", sized({ cpu: "2" }, { cpu: "2" })),
      make("security", sized({ cpu: "1" })),
      as("system:node:n", make("node", { serviceAccountName: "missing" }), { group: "system:nodes" }),
    ],
  },
  {
    name: "mirrors of static pods",
    exchanges: [
      { path: "/api/v1/nodes", body: object("v1", "Node", node), take: { uid: "metadata.uid" } },
      learnt,
      ...[
        [],
        [owner, owner],
        [{ ...owner, uid: "other" }],
        [{ ...owner, controller: false }],
        [{ ...owner, blockOwnerDeletion: true }],
        [{ ...owner, name: "another" }],
        [owner],
      ].map((ownerReferences, at) =>
        as(
          `system:node:${node}`,
          make(`m-${at}`, { nodeName: node }, { annotations: mirror, ownerReferences }),
          { group: "system:nodes" },
        ),
      ),
      make("plain", { nodeName: node }),
      ...["plain", "m-6"].flatMap((name) =>
        [mirror, { "kubernetes.io/config.mirror": "y" }, { "kubernetes.io/config.mirror": null }].map(
          (annotations) => ({
            method: "PATCH",
            path: `${core}/pods/${name}`,
            type: merge,
            body: { metadata: { annotations } },
          }),
        ),
      ),
      { method: "DELETE", path: `/api/v1/nodes/${node}` },
    ],
  },
  {
    name: "limits of containers that begin and stay",
    exchanges: [
      {
        path: `${core}/limitranges`,
        body: object("v1", "LimitRange", "l", {
          spec: {
            limits: [
              {
                type: "Container",
                min: { memory: "10Mi" },
                max: { memory: "100Mi", "ephemeral-storage": "1Gi" },
                maxLimitRequestRatio: { memory: "2" },
              },
              { type: "Pod", max: { memory: "150Mi" }, min: { memory: "20Mi" } },
            ],
          },
        }),
      },
      learnt,
      make("plain"),
      make("small", sized({ memory: "10Mi" }, { memory: "20Mi" })),
      make("ratio", sized({ memory: "20Mi" }, { memory: "60Mi" })),
      make("zero", sized({ memory: "0" }, { memory: "60Mi" })),
      make("begins", {
        ...sized({}, { memory: "50Mi" }),
        initContainers: [container("i", { resources: { limits: { memory: "120Mi" } } })],
      }),
      make("stays", {
        ...sized({}, { memory: "90Mi" }),
        initContainers: [
          container("i", { restartPolicy: "Always", resources: { limits: { memory: "90Mi" } } }),
        ],
      }),
    ],
  },
];
