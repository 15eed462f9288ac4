import { type Node, type Plugin, type PluginSet, pluginsOfNode, pullSecretOf } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { User } from "../request/request.ts";
import type { Attributes, Authorizer, Decision } from "./authorizer.ts";
import { podReferences, type PodLike } from "./pod-references.ts";

const nodeGroup = "system:nodes";
const nodePrefix = "system:node:";
const storedNodes = "/core/nodes/";

/** The node a user is, or undefined when he is none. */
export function nodeNameOf(user: User): string | undefined {
  if (!user.groups.includes(nodeGroup) || !user.name.startsWith(nodePrefix)) return undefined;
  return user.name.slice(nodePrefix.length);
}

const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** `verbs group/resource[/subresource]` that every node may do; which objects, NodeRestriction decides at admission. */
const rules: readonly (readonly [verbs: string, resources: string])[] = [
  ["create get list watch", "/nodes"],
  ["update patch", "/nodes /nodes/status"],
  ["get list watch", "/services discovery.k8s.io/endpointslices node.k8s.io/runtimeclasses"],
  ["get list watch", "/namespaces"],
  ["get list watch create delete", "/pods"],
  ["update patch", "/pods/status"],
  ["create", "/pods/eviction"],
  ["create update patch", "/events events.k8s.io/events"],
  ["create get update patch delete list watch", "coordination.k8s.io/leases"],
  ["get", "/persistentvolumeclaims /persistentvolumes storage.k8s.io/volumeattachments"],
  ["update patch", "/persistentvolumeclaims/status"],
  ["create get update patch delete list watch", "storage.k8s.io/csinodes"],
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

/**
 * Lets a node do a node's work, and read only the secrets, config maps and claims of pods that are bound to it, and the
 * logins of registries that Plugins meant for it name.
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
    const { verb, group, resource, subresource, namespace, name } = asked;
    const what = `${verb} ${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`;
    if (allowed.has(what)) return { allowed: true, reason: "node" };
    if (group !== "" || name === "") return undefined;
    if ((resource === "secrets" || resource === "configmaps") && readVerbs.has(verb)) {
      const used = this.#podsOf(node, namespace).some((pod) => podReferences(pod)[resource].has(name));
      if (used) return { allowed: true, reason: `used by a pod of node ${node}` };
      return verb === "get" && resource === "secrets" && this.#pulls(node, namespace, name)
        ? { allowed: true, reason: `login for a plugin of node ${node}` }
        : undefined;
    }
    if (resource === "serviceaccounts" && subresource === "token" && verb === "create") {
      const used = this.#podsOf(node, namespace).some((pod) => serviceAccountOf(pod) === name);
      return used ? { allowed: true, reason: `account of a pod of node ${node}` } : undefined;
    }
    return undefined;
  }

  /** Whether a Plugin that is to run on this node, and not only on others, names the Secret. */
  #pulls(node: string, namespace: string, name: string): boolean {
    const plugins = this.#all<Plugin>("/berth.dev/plugins/");
    const names = (plugin: Plugin): boolean => {
      const secret = pullSecretOf(plugin);
      return secret?.namespace === namespace && secret.name === name;
    };
    if (!plugins.some(names)) return false;
    const { metadata } =
      this.#cache
        .kind(storedNodes)
        .get(storedNodes + node)
        ?.object<Node>() ?? {};
    if (!metadata) return false;
    const sets = this.#all<PluginSet>("/berth.dev/pluginsets/");
    return pluginsOfNode(plugins, sets, metadata.labels ?? {}).wanted.some(names);
  }

  #all<T extends object>(prefix: string): T[] {
    return [...this.#cache.kind(prefix).objects()].map((cached) => cached.object<T>());
  }

  #podsOf(node: string, namespace: string): PodLike[] {
    const pods: PodLike[] = [];
    for (const cached of this.#cache.kind("/core/pods/").objects(namespace)) {
      const pod = cached.object<PodLike>();
      if (pod.spec?.nodeName === node) pods.push(pod);
    }
    return pods;
  }
}

function serviceAccountOf(pod: PodLike): string {
  return pod.spec?.serviceAccountName ?? "default";
}
