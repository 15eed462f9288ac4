import { groupVersion, type Kind, kinds, namedType } from "../../core/api/index.ts";
import { type Body, randomBody } from "./random-body.ts";
import type { Random } from "./random.ts";

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const builtIn = kinds.all().filter((kind) => kind.servedByDefault);
/** As the definition among the samples makes them; `type` "" is in no schema. */
const widgets = ["v1", "v1beta1", "v1"].map((version): Kind => {
  const names = { kind: "Widget", resource: "widgets", singular: "widget", type: "" };
  const like = kinds.byKind("apps", "v1", "Deployment")!;
  return { ...like, ...names, group: "fuzz.example.com", version };
});
const served = [...builtIn, ...widgets];
const namespaces = ["default", "default", "kube-system", "nowhere", "UPPER", "x".repeat(80)];
const names = [
  "a",
  "b",
  "web",
  "x-1",
  "ghost",
  "kubernetes",
  "A",
  "..",
  "%2e%2e",
  "a%2Fb",
  "%zz",
  "%00",
  "x".repeat(300),
];
const otherPaths = [
  ...[
    "/",
    "//",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v2",
    "/apis",
    "/apis/apps",
    "/apis/apps/v1",
    "/apis/x/y/z/w/v/u",
  ],
  ...[
    "/version",
    "/healthz",
    "/livez",
    "/readyz",
    "/readyz/ping",
    "/livez/x",
    "/metrics",
    "/openapi/v2",
    "/openapi/v3",
  ],
  ...[
    "/openapi/v3/apis/apps/v1",
    "/openapi/v3/../..",
    "/debug/x",
    "/logs",
    "/.well-known/openid-configuration",
  ],
  ...[
    "/openid/v1/jwks",
    "/favicon.ico",
    "/api/v1/watch/pods",
    "/api/v1/namespaces/default",
    "/%",
    "/api/v1/%ff",
  ],
];
const methods = [
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "PUT",
  "PATCH",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "TRACE",
];
const accepts = [
  ...[
    "application/json",
    "*/*",
    "",
    "application/yaml",
    "image/png",
    "application/json;as=Table;g=meta.k8s.io;v=v1",
  ],
  ...[
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/json;as=X;g=y;v=z",
    ";;;",
    "a/b;q=x",
  ],
  ...["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "application/vnd.kubernetes.protobuf"],
  ...["application/vnd.kubernetes.protobuf,application/json", "application/cbor"],
];
const selectors = [
  ...[
    "a=b",
    "a",
    "!a",
    "a in (b,c)",
    "a notin ()",
    "a in (",
    "(((((",
    "a==b,c!=d",
    "=",
    ",",
    "a=b=c",
    "%",
    "a>1",
    "a>x",
  ],
  ...[
    "metadata.name=a",
    "metadata.name!=a",
    "spec.nodeName=",
    "status.phase=Running",
    "nothing=x",
    "metadata.name=a,metadata.name=b",
  ],
  ...["x".repeat(3000), "a in (b", "\\", "a=\\", "metadata.name=\\,"],
];
const revisions = [
  "0",
  "1",
  "",
  "-1",
  "abc",
  "1e3",
  "0x1",
  "18446744073709551615",
  "18446744073709551616",
  "1.5",
  "5",
];
const tokens = [
  ...["", "x", "e30", "W10", "WzEsIngiLDEsIi8iXQ", "////", "WzEsbnVsbCxudWxsLG51bGxd"],
  ...[Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}').toString("base64url"), "A".repeat(9000)],
];

/** The next request of a run. */
export function randomRequest(random: Random): FuzzRequest {
  const kind = random.chance(0.9) ? random.pick(served) : undefined;
  const method = random.pick(methods);
  const path = (kind ? resourcePath(kind, method, random) : random.pick(otherPaths)) + randomQuery(random);
  const headers: Record<string, string> = {};
  if (random.chance(0.3)) headers["accept"] = random.pick(accepts);
  if (random.chance(0.1)) headers["accept-encoding"] = "gzip";
  if (random.chance(0.02)) headers["content-encoding"] = random.pick(["gzip", "br", "x"]);
  if (random.chance(0.02)) headers["impersonate-user"] = random.pick(["a", "", "system:serviceaccount:a:b"]);
  if (random.chance(0.01)) headers["impersonate-group"] = "a";
  if (random.chance(0.02)) headers["if-none-match"] = '"x"';
  if (random.chance(0.02))
    headers["authorization"] = random.pick(["Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer "]);
  if (!carriesBody(method, random)) return { method, path, headers };
  const { bytes, contentType }: Body =
    method === "DELETE" ? deleteOptions(random) : randomBody(bodyKind(kind, path), method, random);
  if (contentType !== "") headers["content-type"] = contentType;
  return { method, path, headers, body: bytes };
}

function carriesBody(method: string, random: Random): boolean {
  if (method === "GET" || method === "HEAD" || method === "TRACE") return false;
  return random.chance(method === "DELETE" ? 0.4 : 0.97);
}

/** The kind whose objects a write to a path carries: a subresource may have one of its own. */
function bodyKind(kind: Kind | undefined, path: string): Kind | undefined {
  const last = path.split("?", 1)[0]!.split("/").at(-1);
  const row = kind?.subresources.find(({ name }) => name === last);
  if (!row || row.kind === kind?.kind) return kind;
  const named = namedType(groupVersion(row), row.kind);
  return {
    ...kind!,
    group: row.group,
    version: row.version,
    kind: row.kind,
    type: named?.type ?? kind!.type,
  };
}

function resourcePath(kind: Kind, method: string, random: Random): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced && random.chance(0.9) ? `/namespaces/${random.pick(namespaces)}` : "";
  const collection = `${root}${scope}/${kind.resource}`;
  const onCollection = method === "POST" ? random.chance(0.7) : random.chance(0.3);
  if (onCollection) return collection;
  const object = `${collection}/${random.pick(names)}`;
  if (!random.chance(0.3)) return object;
  const known = kind.subresources.map(({ name }) => name);
  return `${object}/${random.pick([...known, ...known, "status", "scale", "nothing", "status/x", ""])}`;
}

function randomQuery(random: Random): string {
  if (random.chance(0.5)) return "";
  const query = new URLSearchParams();
  const choices: readonly (readonly [string, readonly string[]])[] = [
    ["labelSelector", selectors],
    ["fieldSelector", selectors],
    ["resourceVersion", revisions],
    ["resourceVersionMatch", ["Exact", "NotOlderThan", "x"]],
    ["limit", ["1", "2", "0", "-1", "x", "99999999999"]],
    ["continue", tokens],
    ["watch", ["true", "1", "0", "x", ""]],
    ["timeoutSeconds", ["1", "0", "-1", "x"]],
    ["allowWatchBookmarks", ["true", "x"]],
    ["sendInitialEvents", ["true", "false", "x"]],
    ["dryRun", ["All", "x", ""]],
    ["fieldValidation", ["Strict", "Warn", "Ignore", "x"]],
    ["fieldManager", ["a", "", "x".repeat(200), "\u0000"]],
    ["force", ["true", "x"]],
    ["pretty", ["true"]],
    ["propagationPolicy", ["Orphan", "Background", "Foreground", "x"]],
    ["gracePeriodSeconds", ["0", "1", "-1", "x"]],
    ["timeout", ["1s", "0", "x", "-5s"]],
    ["includeObject", ["None", "Object", "Metadata", "x"]],
    ["verbose", ["true"]],
    ["exclude", ["store", "x"]],
    ["command", ["sh"]],
    ["container", ["a"]],
    ["tailLines", ["1", "-1", "x"]],
    ["path", ["/", "../.."]],
  ];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const [name, values] = random.pick(choices);
    query.append(name, random.pick(values));
  }
  const text = query.toString();
  return random.chance(0.03) ? `?${text}&%zz=%ff&=&&` : `?${text}`;
}

function deleteOptions(random: Random): Body {
  const value = random.pick<unknown>([
    { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: random.pick([0, -1, 1, 1e12]) },
    { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "x", resourceVersion: "1" } },
    { propagationPolicy: "Sideways" },
    { preconditions: 7, dryRun: ["x"], orphanDependents: "x" },
    { kind: "Pod", apiVersion: "v1" },
    [],
    null,
    "x",
  ]);
  return { bytes: Buffer.from(JSON.stringify(value)), contentType: "application/json" };
}
