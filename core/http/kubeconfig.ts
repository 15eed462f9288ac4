import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { stringify } from "yaml";
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

/** The text of a kubeconfig that holds its certificates inside, so that it can be copied to another machine. */
export function kubeconfigText(options: KubeconfigOptions): string {
  const { name, user } = options;
  const { certificate, token } = user;
  const credentials = {
    ...(token === undefined ? {} : { token }),
    ...(certificate && {
      "client-certificate-data": base64(certificate.certificate),
      "client-key-data": base64(certificate.key),
    }),
  };
  return stringify(
    {
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
    },
    { lineWidth: 0 },
  );
}

/** Writes it readable by its owner only; one that says the same already is left alone. */
export async function writeKubeconfig(file: string, options: KubeconfigOptions): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = kubeconfigText(options);
  if ((await readOptional(file)) !== text) await writeSecret(file, text);
}

function base64(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
