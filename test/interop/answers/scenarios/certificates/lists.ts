import type { Exchange, Scenario } from "../../exchange.ts";
import { approval, approved, at, client, csr, denied, issue, certificate } from "./requests.ts";

const labels = { use: "list" };
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const own = "labelSelector=use%3Dlist";
const created = (name: string, more: object = {}): Exchange => ({
  path: at,
  body: csr(name, more, { labels }),
});

export const listScenarios: readonly Scenario[] = [
  {
    name: "lists of certificate requests",
    exchanges: [
      created("list-1"),
      created("list-2", { signerName: client, expirationSeconds: 3600 }),
      created("list-3"),
      approval("list-2", [approved]),
      issue("list-2", certificate),
      approval("list-3", [denied]),
      { path: `${at}?${own}`, headers: table },
      { path: `${at}/list-1`, headers: table },
      { path: `${at}?${own}&fieldSelector=spec.signerName%3D${encodeURIComponent(client)}` },
      { path: `${at}?${own}&fieldSelector=metadata.name%3Dlist-3` },
      { path: `${at}?${own}&fieldSelector=spec.signerName%21%3Dexample.com%2Fany`, headers: table },
      {
        method: "PUT",
        path: `${at}/list-1/approval`,
        body: { ...csr("list-1"), status: { conditions: [denied], certificate } },
      },
      { method: "DELETE", path: `${at}/list-1/approval` },
      { method: "DELETE", path: `${at}?${own}` },
      { path: `${at}?${own}` },
      { path: "/apis/certificates.k8s.io/v1beta1/clustertrustbundles" },
      { path: "/apis/certificates.k8s.io/v1/clustertrustbundles" },
      { path: "/apis/certificates.k8s.io" },
      { path: "/apis/certificates.k8s.io/v1" },
    ],
  },
];
