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
/** `k8s:enc:aesgcm:v1:NAME:` */
const headOf = (provider: string, key: string): string => `k8s:enc:${provider}:v1:${key}:`;
const head = /^k8s:enc:([^:]+):v1:([^:]+):/;

/** Encrypts values at rest in the forms that kube-apiserver writes: `k8s:enc:PROVIDER:v1:KEY:` and what its cipher makes. */
export class EncryptingTransformer implements Transformer {
  readonly #rules: readonly EncryptionRule[];

  constructor(rules: readonly EncryptionRule[]) {
    this.#rules = rules;
  }

  toStorage(value: Uint8Array, at: string): Uint8Array {
    const writer = this.#writer(at);
    if (!writer) return value;
    const { name, cipher, key } = writer;
    return Buffer.concat([Buffer.from(headOf(name, key.name)), cipher.encrypt(key.key, value, at)]);
  }

  fromStorage(stored: Uint8Array, at: string): Uint8Array {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    const providers = this.#providers(at);
    if (!startsWith(bytes, mark)) {
      if (providers.some(({ cipher }) => cipher === undefined)) return stored;
      throw new BerthError(valueUnreadable, `${at} is not encrypted, and no identity provider allows that`);
    }
    const [whole = "", provider = "", name = ""] = head.exec(bytes.subarray(0, 256).toString("latin1")) ?? [];
    if (whole === "")
      throw new BerthError(valueUnreadable, `${at} was encrypted in a form that is not known`);
    const candidates = providers.flatMap(({ name: of, cipher, keys }) =>
      of === provider && cipher
        ? keys.filter((one) => one.name === name).map((key) => ({ cipher, key }))
        : [],
    );
    let failure: unknown;
    for (const { cipher, key } of candidates) {
      try {
        return cipher.decrypt(key.key, bytes.subarray(whole.length), at);
      } catch (error) {
        failure = error;
      }
    }
    const shown = `${provider} key ${JSON.stringify(name)}`;
    throw failure === undefined
      ? new BerthError(valueUnreadable, `${at} was encrypted with ${shown}, which is not given`)
      : new BerthError(valueUnreadable, `${at} cannot be decrypted with ${shown}: ${errorMessage(failure)}`, {
          cause: failure,
        });
  }

  /** Whether it lies there as it would be written now. */
  isCurrent(stored: Uint8Array, at: string): boolean {
    const writer = this.#writer(at);
    const bytes = Buffer.from(stored);
    return writer
      ? startsWith(bytes, Buffer.from(headOf(writer.name, writer.key.name)))
      : !startsWith(bytes, mark);
  }

  #writer(at: string): (Provider & { cipher: object; key: EncryptionKey }) | undefined {
    const [first] = this.#providers(at);
    const [key] = first?.keys ?? [];
    return first?.cipher && key ? { ...first, cipher: first.cipher, key } : undefined;
  }

  #providers(at: string): readonly Provider[] {
    const [, group = "", resource = ""] = at.split("/", 3);
    const names = namesOf(group === "core" ? "" : group, resource);
    return (
      this.#rules.find(({ resources }) => resources.some((one) => names.includes(one)))?.providers ?? [plain]
    );
  }
}

const plain: Provider = { name: "identity", cipher: undefined, keys: [] };

function namesOf(group: string, resource: string): string[] {
  const full = group === "" ? resource : `${resource}.${group}`;
  return [full, `*.${group}`, "*.*"];
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
