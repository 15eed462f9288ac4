import { hash } from "node:crypto";

/** A token that somebody presented. */
export class BearerToken {
  readonly text: string;
  #digest: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** What tokens are known and compared by: SHA-256, made once. */
  get digest(): Buffer {
    return (this.#digest ??= sha256(this.text));
  }
}

/** The token in an Authorization header; undefined when there is none. */
export function bearerToken(header: string | undefined): BearerToken | undefined {
  const text = /^bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  return text === undefined ? undefined : new BearerToken(text);
}

export function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
