import { createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { BerthError, errorMessage } from "@berth/base";
import { parse } from "yaml";
import { type Cipher, ciphers } from "./ciphers.ts";

const configInvalid = BerthError.define({
  code: "BERTH_STORE_ENCRYPTION_CONFIG",
  grpc: "INVALID_ARGUMENT",
  http: 500,
  owner: "operator",
  next: "Correct the file: an EncryptionConfiguration whose providers are aesgcm, aescbc (keys of 16, 24 or 32 bytes), secretbox (32 bytes) and identity.",
});

export interface EncryptionKey {
  readonly name: string;
  readonly key: KeyObject;
}

export interface Provider {
  readonly name: string;
  /** undefined: values as they are (identity). */
  readonly cipher: Cipher | undefined;
  /** The first one writes. */
  readonly keys: readonly EncryptionKey[];
}

/** Which resources a list of providers is for; the first provider writes, all of them read. */
export interface EncryptionRule {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group), `*.*`. */
  readonly resources: readonly string[];
  readonly providers: readonly Provider[];
}

/** Reads a file in Kubernetes' own format. @throws BERTH_STORE_ENCRYPTION_CONFIG with the field */
export function readEncryptionConfig(file: string): EncryptionRule[] {
  const refuse = (field: string, why: string): BerthError =>
    new BerthError(configInvalid, `${file}: ${field}: ${why}`);
  let document: Record<string, unknown>;
  try {
    document = parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw refuse("the file", errorMessage(error));
  }
  if (document?.["kind"] !== "EncryptionConfiguration")
    throw refuse("kind", "must be EncryptionConfiguration");
  if (document["apiVersion"] !== "apiserver.config.k8s.io/v1")
    throw refuse("apiVersion", "must be apiserver.config.k8s.io/v1");
  return listOf(document["resources"], "resources", refuse).map((rule, i) => {
    const at = `resources[${i}]`;
    const { resources, providers } = rule as Record<string, unknown>;
    return {
      resources: listOf(resources, `${at}.resources`, refuse).map(String),
      providers: listOf(providers, `${at}.providers`, refuse).map((one, j) =>
        readProvider(one as Record<string, unknown>, `${at}.providers[${j}]`, refuse),
      ),
    };
  });
}

type Refuse = (field: string, why: string) => BerthError;

function listOf(value: unknown, field: string, refuse: Refuse): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw refuse(field, "must be a list that is not empty");
}

function readProvider(value: Record<string, unknown>, field: string, refuse: Refuse): Provider {
  const names = Object.keys(value ?? {});
  if (names.length !== 1) throw refuse(field, "must have exactly one provider");
  const name = names[0]!;
  if (name === "identity") return { name, cipher: undefined, keys: [] };
  const cipher = ciphers.get(name);
  if (!cipher)
    throw refuse(field, `provider ${name} is not known; ${[...ciphers.keys()].join(", ")} and identity are`);
  const { keys } = (value[name] ?? {}) as Record<string, unknown>;
  return {
    name,
    cipher,
    keys: listOf(keys, `${field}.${name}.keys`, refuse).map((one, i) => {
      const at = `${field}.${name}.keys[${i}]`;
      const { name: called, secret } = one as Record<string, unknown>;
      if (typeof called !== "string" || !/^[^:]{1,100}$/.test(called))
        throw refuse(`${at}.name`, "must be a name without colons");
      const bytes = Buffer.from(typeof secret === "string" ? secret : "", "base64");
      const { keyBytes } = cipher;
      if (!keyBytes.includes(bytes.length))
        throw refuse(`${at}.secret`, `must be ${keyBytes.join(" or ")} bytes in base64`);
      return { name: called, key: createSecretKey(bytes) };
    }),
  };
}
