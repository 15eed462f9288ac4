import type { Exchange, Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  core,
  metadata,
  named,
  pod,
  pods,
  table,
  threeMaps,
} from "../reads/requests.ts";
import { make, merge, remove, replace, watch } from "./requests.ts";

const secret = (name: string, type: string): object =>
  named("v1", "Secret", name, { type, stringData: { a: "b" } });
const quiet = { automountServiceAccountToken: false };
const status = (name: string, body: object): Exchange => merge(`${pods}/${name}/status`, { status: body });
const bind = (name: string): Exchange => ({
  path: `${pods}/${name}/binding`,
  body: named("v1", "Binding", name, { target: { apiVersion: "v1", kind: "Node", name: "n1" } }),
});

/** What a watch of config maps is told while these happen, with the last one telling that there was no more. */
const seen = (query: string, lines: number): Exchange[] => [
  ...threeMaps,
  watch(`${configMaps}?resourceVersion={third}${query}`, lines, [
    make("four", { app: "web" }),
    replace("one", { app: "db" }),
    replace("one", { app: "web", tier: "back" }),
    merge(`${configMaps}/two`, { metadata: { labels: { app: null } } }),
    merge(`${configMaps}/three`, { metadata: { labels: { app: "web" } } }),
    merge(`${configMaps}/three`, { metadata: { labels: { app: "web" } } }),
    remove(`${configMaps}/four`),
    remove(`${configMaps}/two`),
    make("four", { app: "web" }),
    remove(`${configMaps}/one`),
    remove(configMaps),
  ]),
];

export const changes: readonly Scenario[] = [
  { name: "changes seen", exchanges: seen("", 12) },
  { name: "changes seen of labels", exchanges: seen("&labelSelector=app=web", 9) },
  {
    name: "changes seen of sets",
    exchanges: seen("&labelSelector=app notin (web)".replaceAll(" ", "%20"), 5),
  },
  { name: "changes seen of one name", exchanges: seen("&fieldSelector=metadata.name=one", 3) },
  { name: "changes seen of other names", exchanges: seen("&fieldSelector=metadata.name!=one", 6) },
  {
    name: "changes seen from now on",
    exchanges: [
      ...threeMaps,
      watch(configMaps, 6, [make("four"), replace("one"), remove(`${configMaps}/two`)]),
      watch(`${configMaps}?resourceVersion=0`, 4, [make("five")]),
    ],
  },
  {
    name: "changes seen of pods",
    exchanges: [
      { path: pods, body: pod("a", quiet, { app: "web" }), take: { first: "metadata.resourceVersion" } },
      watch(`${pods}?resourceVersion={first}&fieldSelector=spec.nodeName=n1`, 5, [
        { path: pods, body: pod("b", quiet) },
        bind("b"),
        status("b", { phase: "Running" }),
        bind("a"),
        remove(`${pods}/a`),
        remove(`${pods}/b`, { gracePeriodSeconds: 0 }),
        remove(`${pods}/a?gracePeriodSeconds=0`),
      ]),
      watch(`${pods}?resourceVersion={first}&fieldSelector=status.phase!=Pending`, 2),
      watch(`${pods}?resourceVersion={first}&fieldSelector=status.phase=Pending`, 6),
      watch(`${pods}?resourceVersion={first}&fieldSelector=spec.nodeName=`, 3),
      watch(`${pods}?resourceVersion={first}&labelSelector=app=web&fieldSelector=metadata.name=a`, 3),
      watch(`${pods}?resourceVersion={first}&fieldSelector=status.x=1`, 1),
    ],
  },
  {
    name: "changes seen of secrets",
    exchanges: [
      { path: `${core}/secrets`, body: secret("a", "Opaque"), take: { first: "metadata.resourceVersion" } },
      watch(`${core}/secrets?resourceVersion={first}&fieldSelector=type=mine`, 2, [
        { path: `${core}/secrets`, body: secret("b", "mine") },
        { path: `${core}/secrets`, body: secret("c", "other") },
        remove(`${core}/secrets/c`),
        remove(`${core}/secrets/b`),
      ]),
    ],
  },
  {
    name: "deletion seen",
    exchanges: [
      {
        path: configMaps,
        body: {
          ...configMap("one"),
          metadata: { name: "one", finalizers: ["example.com/a", "example.com/b"] },
        },
        take: { first: "metadata.resourceVersion" },
      },
      watch(`${configMaps}?resourceVersion={first}`, 4, [
        remove(`${configMaps}/one`),
        remove(`${configMaps}/one`),
        merge(`${configMaps}/one`, { metadata: { finalizers: ["example.com/b"] }, data: { b: "c" } }),
        merge(`${configMaps}/one`, { metadata: { finalizers: null }, data: { d: "e" } }),
        make("two"),
      ]),
      watch(`${configMaps}?resourceVersion={first}`, 7, [
        remove(`${configMaps}/two`, { propagationPolicy: "Foreground" }),
        merge(`${configMaps}/two`, { metadata: { finalizers: [] } }),
        make("three"),
        remove(`${configMaps}/three`, { propagationPolicy: "Orphan" }),
      ]),
    ],
  },
  {
    name: "changes seen in other forms",
    exchanges: [
      ...threeMaps,
      ...[
        metadata("PartialObjectMetadata"),
        metadata("PartialObjectMetadata", "v1beta1"),
        metadata(),
        `${metadata("PartialObjectMetadata")};stream=watch`,
        `${metadata("PartialObjectMetadata")},application/json`,
      ].map((accept) =>
        watch(
          `${configMaps}?resourceVersion={third}&fieldSelector=metadata.name=two`,
          3,
          [replace("two", { app: accept.length.toString() }), remove(`${configMaps}/two`), make("two")],
          accept,
        ),
      ),
    ],
  },
  {
    name: "changes seen in tables",
    exchanges: [
      ...threeMaps,
      ...["", "&includeObject=None", "&includeObject=Object", "&includeObject=Other"].map((query) =>
        watch(`${configMaps}?resourceVersion={first}${query}`, 2, [], table()),
      ),
      watch(`${configMaps}?fieldSelector=metadata.name=two`, 1, [], table("v1beta1")),
    ],
  },
  {
    name: "changes seen without a difference",
    exchanges: [
      ...threeMaps,
      watch(`${configMaps}?resourceVersion={third}`, 1, [
        replace("two", { app: "web" }),
        merge(`${configMaps}/two`, {}),
        { ...remove(`${configMaps}/two?dryRun=All`) },
        { ...make("nine", {}, `${configMaps}?dryRun=All`) },
        make("last"),
      ]),
    ],
  },
  {
    name: "changes seen everywhere",
    exchanges: [
      ...threeMaps,
      watch("/api/v1/configmaps?resourceVersion={third}&labelSelector=where=here", 1, [
        make("four", { where: "here" }),
      ]),
      watch("/api/v1/configmaps?resourceVersion={third}&fieldSelector=metadata.namespace={ns}", 1),
      watch("/api/v1/configmaps?labelSelector=where=here", 1),
    ],
  },
  {
    name: "changes seen of a namespace",
    exchanges: [
      {
        path: "/api/v1/namespaces",
        body: named("v1", "Namespace", "watches-gone"),
        take: { first: "metadata.resourceVersion" },
      },
      { path: "/api/v1/namespaces/watches-gone/configmaps", body: configMap("one") },
      watch("/api/v1/namespaces?resourceVersion={first}&fieldSelector=metadata.name=watches-gone", 2, [
        remove("/api/v1/namespaces/watches-gone"),
        { path: "/api/v1/namespaces/watches-gone/configmaps", body: configMap("two") },
        remove("/api/v1/namespaces/watches-gone/configmaps"),
        {
          method: "PUT",
          path: "/api/v1/namespaces/watches-gone/finalize",
          body: named("v1", "Namespace", "watches-gone", { spec: { finalizers: [] } }),
        },
        remove("/api/v1/namespaces/watches-gone"),
      ]),
      watch("/api/v1/namespaces?resourceVersion={first}&fieldSelector=status.phase=Terminating", 1),
      watch("/api/v1/namespaces/watches-gone/configmaps?resourceVersion={first}", 2),
    ],
  },
];
