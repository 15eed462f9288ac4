import { BerthError } from "@berth/base";
import type { Container, Pod, ResourceFieldSelector } from "../../api/index.ts";
import { quantityMilliValue, quantityValue } from "../../api/quantity/quantity.ts";
import { configError } from "../errors.ts";

export interface NodeFacts {
  readonly nodeName: string;
  readonly hostIps: readonly string[];
  readonly podIps: readonly string[];
  /** What a container without a limit may use: "cpu", "memory", "ephemeral-storage". */
  readonly allocatable: Readonly<Record<string, string>>;
}

const subscript = /^metadata\.(annotations|labels)\['(.+)'\]$/;

/** The text of a downward API field path. */
export function fieldValue(pod: Pod, path: string, node: NodeFacts): string {
  const { metadata, spec } = pod;
  const keyed = subscript.exec(path);
  if (keyed) return (keyed[1] === "labels" ? metadata.labels : metadata.annotations)?.[keyed[2]!] ?? "";
  const values: Record<string, () => string> = {
    "metadata.name": () => metadata.name,
    "metadata.namespace": () => metadata.namespace ?? "",
    "metadata.uid": () => metadata.uid ?? "",
    "metadata.labels": () => formatMap(metadata.labels),
    "metadata.annotations": () => formatMap(metadata.annotations),
    "spec.nodeName": () => spec?.nodeName ?? node.nodeName,
    "spec.serviceAccountName": () => spec?.serviceAccountName ?? "",
    "status.hostIP": () => node.hostIps[0] ?? "",
    "status.hostIPs": () => node.hostIps.join(","),
    "status.podIP": () => node.podIps[0] ?? "",
    "status.podIPs": () => node.podIps.join(","),
  };
  const value = values[path];
  if (!value)
    throw new BerthError(configError, `fieldRef.fieldPath "${path}" names no field of a pod that is offered`);
  return value();
}

/** One line per key, sorted, values in double quotes with escapes. */
function formatMap(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/** The number of a container's resource field in units of its divisor, rounded up. */
export function resourceValue(
  container: Container,
  selector: ResourceFieldSelector,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [kind = "", ...rest] = selector.resource.split(".");
  const name = rest.join(".");
  if (kind !== "limits" && kind !== "requests") {
    throw new BerthError(
      configError,
      `resourceFieldRef.resource "${selector.resource}" must begin with limits. or requests.`,
    );
  }
  const { limits, requests } = container.resources ?? {};
  const amount =
    kind === "limits" ? (limits?.[name] ?? allocatable[name]) : (requests?.[name] ?? limits?.[name]);
  if (amount === undefined) return "0";
  const divisor = selector.divisor === undefined || selector.divisor === "0" ? "1" : selector.divisor;
  if (name === "cpu") return String(Math.ceil(quantityMilliValue(amount) / quantityMilliValue(divisor)));
  return String(Math.ceil(quantityValue(amount) / quantityValue(divisor)));
}
