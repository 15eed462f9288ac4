import type { WatchCache } from "../cache/watch-cache.ts";
import type { User } from "../request/request.ts";
import type { Attributes, Authorizer, Decision } from "./authorizer.ts";
import { NodeReach } from "./node-reach.ts";
import type { PodLike } from "./pod-references.ts";

const nodeGroup = "system:nodes";
const nodePrefix = "system:node:";
const leases = "coordination.k8s.io/leases";
const leaseNamespace = "kube-node-lease";
const outsideLeases = `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`;

/** The node a user is, or undefined when he is none. */
export function nodeNameOf(user: User): string | undefined {
  if (!user.groups.includes(nodeGroup) || !user.name.startsWith(nodePrefix)) return undefined;
  return user.name.slice(nodePrefix.length);
}

const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** `verbs group/resource[/subresource]` that every node may do; which objects, NodeRestriction decides at admission. */
const rules: readonly (readonly [verbs: string, resources: string])[] = [
  ["create update patch", "/nodes"],
  ["update patch", "/nodes/status"],
  ["get list watch", "/services discovery.k8s.io/endpointslices node.k8s.io/runtimeclasses"],
  ["get list watch", "/namespaces"],
  ["create delete", "/pods"],
  ["update patch", "/pods/status"],
  ["create", "/pods/eviction"],
  ["create update patch", "/events events.k8s.io/events"],
  ["create", "coordination.k8s.io/leases storage.k8s.io/csinodes resource.k8s.io/resourceslices"],
  ["get list watch", "storage.k8s.io/csidrivers storage.k8s.io/storageclasses"],
  ["create get", "certificates.k8s.io/certificatesigningrequests"],
  ["create", "authentication.k8s.io/tokenreviews authorization.k8s.io/subjectaccessreviews"],
  ["get list watch", "berth.dev/plugins berth.dev/pluginsets"],
  ["update patch", "berth.dev/plugins/status berth.dev/pluginsets/status"],
  ["create get list watch update patch delete", "berth.dev/plugininstances"],
  ["update patch", "berth.dev/plugininstances/status"],
];

const allowed: ReadonlySet<string> = new Set(
  rules.flatMap(([verbs, resources]) =>
    verbs.split(" ").flatMap((verb) => resources.split(" ").map((resource) => `${verb} ${resource}`)),
  ),
);

type Asked = Extract<Attributes, { isResource: true }>;

/** Why a node may do something with one object, or see a list of no others; undefined where it may not. */
type ObjectRule = (asked: Asked, node: string, reach: NodeReach) => string | undefined;

const changing: ReadonlySet<string> = new Set(["get", "update", "patch", "delete"]);
const listing: ReadonlySet<string> = new Set(["list", "watch"]);

const objectRules: Readonly<Record<string, ObjectRule>> = {
  "/nodes": ({ verb, name }, node) => (readVerbs.has(verb) && name === node ? "itself" : undefined),
  "/pods": (asked, node, reach) => {
    const { verb, namespace, name } = asked;
    const may =
      verb === "get"
        ? reach.owns("core/pods", `${namespace}/${name}`)
        : listing.has(verb) && isConfinedTo(node, asked);
    return may ? `a pod of node ${node}` : undefined;
  },
  "/secrets": ({ verb, namespace, name }, node, reach) => {
    if (!readVerbs.has(verb) || name === "") return undefined;
    if (reach.names("secrets", namespace, name)) return usedBy(node);
    if (reach.unlocks(namespace, name)) return `for a volume of a pod of node ${node}`;
    return verb === "get" && reach.pulls(namespace, name) ? `login for a plugin of node ${node}` : undefined;
  },
  "/configmaps": ({ verb, namespace, name }, node, reach) =>
    readVerbs.has(verb) && reach.names("configmaps", namespace, name) ? usedBy(node) : undefined,
  "/serviceaccounts/token": ({ verb, namespace, name }, node, reach) => {
    const isUsed = verb === "create" && reach.pods(namespace).some((pod) => serviceAccountOf(pod) === name);
    return isUsed ? `account of a pod of node ${node}` : undefined;
  },
  "/persistentvolumeclaims": ({ verb, namespace, name }, node, reach) =>
    verb === "get" && reach.names("persistentvolumeclaims", namespace, name) ? usedBy(node) : undefined,
  "/persistentvolumeclaims/status": ({ verb, namespace, name }, node, reach) =>
    (verb === "update" || verb === "patch") && reach.names("persistentvolumeclaims", namespace, name)
      ? usedBy(node)
      : undefined,
  "/persistentvolumes": ({ verb, name }, node, reach) =>
    verb === "get" && reach.mounts(name) ? usedBy(node) : undefined,
  "storage.k8s.io/volumeattachments": ({ verb, name }, node, reach) =>
    verb === "get" && reach.owns("storage.k8s.io/volumeattachments", name)
      ? `attaches to node ${node}`
      : undefined,
  "storage.k8s.io/csinodes": ({ verb, name }, node) =>
    changing.has(verb) && name === node ? "itself" : undefined,
  "coordination.k8s.io/leases": ({ verb, namespace, name }, node) =>
    changing.has(verb) && namespace === leaseNamespace && name === node ? "itself" : undefined,
  "resource.k8s.io/resourceslices": (asked, node, reach) => {
    const { verb, name } = asked;
    const may = changing.has(verb)
      ? reach.owns("resource.k8s.io/resourceslices", name)
      : (listing.has(verb) || verb === "deletecollection") && isConfinedTo(node, asked);
    return may ? `devices of node ${node}` : undefined;
  },
};

const usedBy = (node: string): string => `used by a pod of node ${node}`;

function isConfinedTo(node: string, { fields = [] }: Asked): boolean {
  return fields.some(({ field, equal, value }) => field === "spec.nodeName" && equal && value === node);
}

/**
 * Lets a node do a node's work: with itself and the pods that are bound to it, with what those name and with the logins
 * of registries that Plugins meant for it name. Of other nodes and their pods it sees nothing.
 */
export class NodeAuthorizer implements Authorizer {
  readonly name = "node";
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  authorize(user: User, asked: Attributes): Decision | undefined {
    const node = nodeNameOf(user);
    if (node === undefined || !asked.isResource) return undefined;
    const { verb, group, resource, subresource } = asked;
    const what = `${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`;
    if (what === leases && verb === "create" && asked.namespace !== leaseNamespace)
      return { allowed: false, reason: outsideLeases };
    if (allowed.has(`${verb} ${what}`)) return { allowed: true, reason: "" };
    const rule = Object.hasOwn(objectRules, what) ? objectRules[what] : undefined;
    const reason = rule?.(asked, node, new NodeReach(this.#cache, node));
    if (reason !== undefined) return { allowed: true, reason: "" };
    const why = whyNot(what, asked, node);
    return why === undefined ? undefined : { allowed: false, reason: why };
  }
}

/** For whom reads a refusal of a kubelet's. */
function whyNot(what: string, { verb, name }: Asked, node: string): string | undefined {
  if (what === "/nodes" && readVerbs.has(verb))
    return `node '${node}' cannot read ${name === "" ? "all nodes" : `'${name}'`}, only its own Node object`;
  if (what === "/pods" && listing.has(verb))
    return "can only list/watch pods with spec.nodeName field selector";
  if (!related[what]?.has(verb)) return undefined;
  return name === ""
    ? "No Object name found"
    : `no relationship found between node '${node}' and this object`;
}

const gets: ReadonlySet<string> = new Set(["get"]);
/** What a node may do to objects that its pods lead to. */
const related: Readonly<Record<string, ReadonlySet<string>>> = {
  "/pods": gets,
  "/secrets": readVerbs,
  "/configmaps": readVerbs,
  "/persistentvolumeclaims": gets,
  "/persistentvolumes": gets,
  "storage.k8s.io/volumeattachments": gets,
  "/serviceaccounts/token": new Set(["create"]),
};

function serviceAccountOf(pod: PodLike): string {
  return pod.spec?.serviceAccountName ?? "default";
}
