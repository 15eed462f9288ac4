import type { ClientIdentity } from "../../http/index.ts";

const pluginTools = ["calls", "call", "logs", "debug"] as const;
export type PluginTool = (typeof pluginTools)[number];

/** What a request to the kubelet's own port asks for. */
export type KubeletRoute =
  | { readonly kind: "healthz" | "pods" | "metrics" | "statsSummary" | "imageImport" }
  | { readonly kind: "plugin"; readonly plugin: string; readonly tool: PluginTool }
  | { readonly kind: "logs"; readonly namespace: string; readonly pod: string; readonly container: string }
  | {
      readonly kind: "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      readonly uid: string | undefined;
      readonly container: string;
    }
  | {
      readonly kind: "portForward";
      readonly namespace: string;
      readonly pod: string;
      readonly uid: string | undefined;
    };

/** Undefined for a path that is not served. */
export function routeOf(pathname: string): KubeletRoute | undefined {
  const [first = "", ...rest] = pathname.split("/").slice(1).map(decodeURIComponent);
  const fixed = { healthz: "healthz", pods: "pods", metrics: "metrics" } as const;
  if (rest.length === 0 && first in fixed) return { kind: fixed[first as keyof typeof fixed] };
  if (first === "stats" && rest.length === 1 && rest[0] === "summary") return { kind: "statsSummary" };
  if (first === "images" && rest.length === 1 && rest[0] === "import") return { kind: "imageImport" };
  if (first === "plugins" && rest.length === 2) {
    const tool = pluginTools.find((one) => one === rest[1]);
    return tool && { kind: "plugin", plugin: rest[0]!, tool };
  }
  const [namespace, pod, third, fourth] = rest;
  if (!namespace || !pod) return undefined;
  if (first === "containerLogs" && third && rest.length === 3)
    return { kind: "logs", namespace, pod, container: third };
  if ((first === "exec" || first === "attach") && third && rest.length <= 4) {
    return fourth === undefined
      ? { kind: first, namespace, pod, uid: undefined, container: third }
      : { kind: first, namespace, pod, uid: third, container: fourth };
  }
  if (first === "portForward" && rest.length <= 3) return { kind: "portForward", namespace, pod, uid: third };
  return undefined;
}

const trustedGroups: ReadonlySet<string> = new Set(["system:masters", "system:kubelet-api-admin"]);
const apiServerUser = "kube-apiserver-kubelet-client";

/** Undefined when the caller may; else the status and the sentence to answer. */
export function refusal(
  route: KubeletRoute,
  caller: ClientIdentity,
): { status: number; message: string } | undefined {
  if (route.kind === "healthz") return undefined;
  if (caller.kind === "none") return { status: 401, message: "this port asks for a client certificate" };
  if (caller.kind === "refused") return { status: 401, message: caller.reason };
  if (caller.user === apiServerUser || caller.groups.some((group) => trustedGroups.has(group)))
    return undefined;
  return {
    status: 403,
    message: `user "${caller.user}" may not call the kubelet's ${route.kind}; ask through the API server`,
  };
}
