import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import type { KeyPair } from "./certificates.ts";
import { readOptional, writeSecret } from "./pki-files.ts";

export interface KubeconfigOptions {
  /** https://host:port */
  server: string;
  /** PEM. */
  authorityCertificate: string;
  /** The name under which cluster, user and context appear in the file. */
  name: string;
  /** With neither, whoever uses it adds his own (`kubectl --token`). */
  user: { name: string; certificate?: KeyPair; token?: string };
  namespace?: string;
}

interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface Kubeconfig {
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
  readonly contexts: readonly Named[];
  readonly [field: string]: unknown;
}

/** The text of a kubeconfig that holds its certificates inside, so that it can be copied to another machine. */
export function kubeconfigText(options: KubeconfigOptions): string {
  return textOf(kubeconfig(options));
}

function kubeconfig(options: KubeconfigOptions): Kubeconfig {
  const { name, user } = options;
  const { certificate, token } = user;
  const credentials = {
    ...(token === undefined ? {} : { token }),
    ...(certificate && {
      "client-certificate-data": base64(certificate.certificate),
      "client-key-data": base64(certificate.key),
    }),
  };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: options.server,
          "certificate-authority-data": base64(options.authorityCertificate),
        },
      },
    ],
    users: [{ name: user.name, user: credentials }],
    contexts: [
      {
        name,
        context: {
          cluster: name,
          user: user.name,
          ...(options.namespace ? { namespace: options.namespace } : {}),
        },
      },
    ],
    "current-context": name,
  };
}

/**
 * Writes it readable by its owner only; one that says the same already is left alone. What `kubectl config` has put into the file
 * stays: other users, clusters and contexts, a context's namespace, the current context.
 */
export async function writeKubeconfig(file: string, options: KubeconfigOptions): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const made = kubeconfig(options);
  const held = kubeconfigIn(await readOptional(file));
  const wanted = held ? merged(held, made) : made;
  if (!isDeepStrictEqual(held, wanted)) await writeSecret(file, textOf(wanted));
}

/** undefined when there is none, or something else. */
function kubeconfigIn(text: string | undefined): Kubeconfig | undefined {
  let held: unknown;
  try {
    held = parse(text ?? "");
  } catch {
    return undefined;
  }
  if (typeof held !== "object" || held === null || (held as Kubeconfig)["kind"] !== "Config")
    return undefined;
  const { clusters, users, contexts } = held as Record<string, unknown>;
  return { ...held, clusters: named(clusters), users: named(users), contexts: named(contexts) };
}

function named(list: unknown): Named[] {
  return Array.isArray(list) ? list.filter((one) => typeof one?.name === "string") : [];
}

function merged(held: Kubeconfig, made: Kubeconfig): Kubeconfig {
  return {
    ...made,
    ...held,
    clusters: replaced(held.clusters, made.clusters),
    users: replaced(held.users, made.users),
    contexts: replaced(made.contexts, held.contexts),
  };
}

/** Those of `changed` in the place of their namesakes among `list`, or after them. */
function replaced<T extends Named>(list: readonly T[], changed: readonly T[]): T[] {
  const byName = new Map(list.map((one) => [one.name, one]));
  for (const one of changed) byName.set(one.name, one);
  return [...byName.values()];
}

function textOf(config: Kubeconfig): string {
  return stringify(config, { lineWidth: 0 });
}

function base64(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
