import { BerthError } from "@berth/base";
import type { ConfigMap, Container, EnvVar, Pod, Secret } from "../../api/index.ts";
import { configError } from "../errors.ts";
import { podNamespace } from "../pods/pod-containers.ts";
import { expandVariables } from "./expand.ts";
import { fieldValue, type NodeFacts, resourceValue } from "./field-ref.ts";

/** ConfigMaps and Secrets that a pod names, as they stand now. Undefined: there is no such object. */
export interface ConfigSources {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly node: NodeFacts;
  readonly sources: ConfigSources;
  /** Variables of services; a container's own definitions win over them. */
  readonly services: Readonly<Record<string, string>>;
}

/** All variables of a container in order of definition. Rejects with configError when a reference leads nowhere. */
export async function containerEnvironment(input: EnvironmentInput): Promise<Map<string, string>> {
  const env = new Map<string, string>();
  for (const source of input.container.envFrom ?? []) {
    const data = await envFromData(input, source);
    for (const [key, value] of Object.entries(data)) env.set(`${source.prefix ?? ""}${key}`, value);
  }
  for (const variable of input.container.env ?? []) {
    const value = await variableValue(input, variable, env);
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of Object.entries(input.services)) {
    if (!env.has(name)) env.set(name, value);
  }
  return env;
}

type EnvFrom = NonNullable<Container["envFrom"]>[number];

async function envFromData(input: EnvironmentInput, source: EnvFrom): Promise<Record<string, string>> {
  const namespace = podNamespace(input.pod);
  if (source.configMapRef) {
    const { name = "", optional } = source.configMapRef;
    const found = await input.sources.configMap(namespace, name);
    if (!found && !optional) throw missing("configmap", name);
    return found?.data ?? {};
  }
  if (source.secretRef) {
    const { name = "", optional } = source.secretRef;
    const found = await input.sources.secret(namespace, name);
    if (!found && !optional) throw missing("secret", name);
    return Object.fromEntries(
      Object.entries(found?.data ?? {}).map(([key, value]) => [key, fromBase64(value)]),
    );
  }
  return {};
}

async function variableValue(
  input: EnvironmentInput,
  variable: EnvVar,
  env: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  const lookup = (name: string): string | undefined => env.get(name) ?? input.services[name];
  if (!from) return expandVariables(variable.value ?? "", lookup);
  if (from.fieldRef) return fieldValue(input.pod, from.fieldRef.fieldPath, input.node);
  if (from.resourceFieldRef)
    return resourceValue(sourceContainer(input, from), from.resourceFieldRef, input.node.allocatable);
  const namespace = podNamespace(input.pod);
  if (from.configMapKeyRef) {
    const { name = "", key, optional } = from.configMapKeyRef;
    const found = await input.sources.configMap(namespace, name);
    if (!found && !optional) throw missing("configmap", name);
    const value = found?.data?.[key] ?? decode(found?.binaryData?.[key]);
    if (value === undefined && !optional) throw missingKey(key, "ConfigMap", namespace, name);
    return value;
  }
  if (from.secretKeyRef) {
    const { name = "", key, optional } = from.secretKeyRef;
    const found = await input.sources.secret(namespace, name);
    if (!found && !optional) throw missing("secret", name);
    const value = decode(found?.data?.[key]);
    if (value === undefined && !optional) throw missingKey(key, "Secret", namespace, name);
    return value;
  }
  throw new BerthError(
    configError,
    `variable ${variable.name} of container ${input.container.name}: valueFrom names no source that this node offers`,
  );
}

function sourceContainer(input: EnvironmentInput, from: NonNullable<EnvVar["valueFrom"]>): Container {
  const name = from.resourceFieldRef?.containerName;
  if (!name || name === input.container.name) return input.container;
  const all = [...(input.pod.spec?.containers ?? []), ...(input.pod.spec?.initContainers ?? [])];
  const found = all.find((container) => container.name === name);
  if (!found)
    throw new BerthError(
      configError,
      `resourceFieldRef.containerName "${name}" names no container of the pod`,
    );
  return found;
}

const decode = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : fromBase64(value);
const fromBase64 = (value: string): string => Buffer.from(value, "base64").toString("utf8");

function missing(kind: "configmap" | "secret", name: string): BerthError {
  return new BerthError(configError, `${kind} "${name}" not found`);
}

function missingKey(key: string, kind: string, namespace: string, name: string): BerthError {
  return new BerthError(configError, `couldn't find key ${key} in ${kind} ${namespace}/${name}`);
}
