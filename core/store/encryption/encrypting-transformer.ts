import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { BerthError, errorMessage } from "@berth/base";
import type { Transformer } from "../store.ts";
import type { EncryptionKey, EncryptionRule, Provider } from "./encryption-config.ts";

export const valueUnreadable = BerthError.define({
  code: "BERTH_STORE_VALUE_UNREADABLE",
  grpc: "DATA_LOSS",
  http: 500,
  owner: "operator",
  next: "Give back the key that the message names with --encryption-provider-config; without it the value is lost.",
});

const mark = Buffer.from("k8s:enc:");
const aesgcm = "k8s:enc:aesgcm:v1:";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts values at rest by AES-GCM, each with a nonce of its own and bound to its key, in the form that kube-apiserver
 * writes: `k8s:enc:aesgcm:v1:NAME:` nonce, ciphertext, tag.
 */
export class EncryptingTransformer implements Transformer {
  readonly #rules: readonly EncryptionRule[];

  constructor(rules: readonly EncryptionRule[]) {
    this.#rules = rules;
  }

  toStorage(value: Uint8Array, key: string): Uint8Array {
    const writer = this.#providers(key)[0]?.keys?.[0];
    return writer ? encrypt(writer, value, key) : value;
  }

  fromStorage(stored: Uint8Array, key: string): Uint8Array {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    const providers = this.#providers(key);
    if (!startsWith(bytes, mark)) {
      if (providers.some(({ keys }) => keys === undefined)) return stored;
      throw new BerthError(valueUnreadable, `${key} is not encrypted, and no identity provider allows that`);
    }
    const head = bytes.subarray(0, 256).toString("latin1");
    const name = head.startsWith(aesgcm) ? head.slice(aesgcm.length).split(":", 1)[0]! : undefined;
    if (name === undefined)
      throw new BerthError(valueUnreadable, `${key} was encrypted in a form that is not known`);
    const found = providers.flatMap(({ keys }) => keys ?? []).find((one) => one.name === name);
    if (!found)
      throw new BerthError(
        valueUnreadable,
        `${key} was encrypted with key ${JSON.stringify(name)}, which is not given`,
      );
    return decrypt(found, bytes.subarray(aesgcm.length + Buffer.byteLength(name) + 1), key);
  }

  /** Whether it lies there as it would be written now. */
  isCurrent(stored: Uint8Array, key: string): boolean {
    const writer = this.#providers(key)[0]?.keys?.[0];
    const bytes = Buffer.from(stored);
    return writer ? startsWith(bytes, Buffer.from(`${aesgcm}${writer.name}:`)) : !startsWith(bytes, mark);
  }

  #providers(key: string): readonly Provider[] {
    const [, group = "", resource = ""] = key.split("/", 3);
    const names = namesOf(group === "core" ? "" : group, resource);
    return (
      this.#rules.find(({ resources }) => resources.some((one) => names.includes(one)))?.providers ?? [plain]
    );
  }
}

const plain: Provider = { keys: undefined };

function namesOf(group: string, resource: string): string[] {
  const full = group === "" ? resource : `${resource}.${group}`;
  return [full, `*.${group}`, "*.*"];
}

function encrypt({ name, key }: EncryptionKey, value: Uint8Array, boundTo: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherOf(key), key, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  return Buffer.concat([
    Buffer.from(`${aesgcm}${name}:`),
    nonce,
    cipher.update(value),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

function decrypt({ name, key }: EncryptionKey, bytes: Buffer, boundTo: string): Buffer {
  const nonce = bytes.subarray(0, nonceBytes);
  const end = bytes.length - tagBytes;
  const decipher = createDecipheriv(cipherOf(key), key, nonce, { authTagLength: tagBytes });
  try {
    decipher.setAAD(Buffer.from(boundTo));
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, end)), decipher.final()]);
  } catch (error) {
    const why = `${boundTo} cannot be decrypted with key ${JSON.stringify(name)}: ${errorMessage(error)}`;
    throw new BerthError(valueUnreadable, why, { cause: error });
  }
}

function startsWith(bytes: Buffer, head: Buffer): boolean {
  return bytes.subarray(0, head.length).equals(head);
}

function cipherOf(key: KeyObject): CipherGCMTypes {
  return `aes-${(key.symmetricKeySize ?? 0) * 8}-gcm` as CipherGCMTypes;
}
