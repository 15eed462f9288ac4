import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";

/** One way in which kube-apiserver writes values, as what follows the name of the key. */
export interface Cipher {
  readonly keyBytes: readonly number[];
  /** @param boundTo where the value lies; ciphers that can refuse to read it anywhere else */
  encrypt(key: KeyObject, value: Uint8Array, boundTo: string): Buffer;
  /** @throws Error when the bytes were not written with the key */
  decrypt(key: KeyObject, bytes: Buffer, boundTo: string): Buffer;
}

const aesKeyBytes = [16, 24, 32];
const bits = (key: KeyObject): number => (key.symmetricKeySize ?? 0) * 8;
const nonceBytes = 12;
const tagBytes = 16;

/** Nonce, ciphertext, tag; bound to the key under which the value lies. */
const aesgcm: Cipher = {
  keyBytes: aesKeyBytes,
  encrypt(key, value, boundTo) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(`aes-${bits(key)}-gcm` as CipherGCMTypes, key, nonce);
    cipher.setAAD(Buffer.from(boundTo));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  },
  decrypt(key, bytes, boundTo) {
    const end = bytes.length - tagBytes;
    const options = { authTagLength: tagBytes };
    const name = `aes-${bits(key)}-gcm` as CipherGCMTypes;
    const decipher = createDecipheriv(name, key, bytes.subarray(0, nonceBytes), options);
    decipher.setAAD(Buffer.from(boundTo));
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, end)), decipher.final()]);
  },
};

const blockBytes = 16;

/** Vector, ciphertext padded to blocks. Says nothing when somebody has changed it: for those who come with it. */
const aescbc: Cipher = {
  keyBytes: aesKeyBytes,
  encrypt(key, value) {
    const vector = randomBytes(blockBytes);
    const cipher = createCipheriv(`aes-${bits(key)}-cbc`, key, vector);
    return Buffer.concat([vector, cipher.update(value), cipher.final()]);
  },
  decrypt(key, bytes) {
    const decipher = createDecipheriv(`aes-${bits(key)}-cbc`, key, bytes.subarray(0, blockBytes));
    return Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()]);
  },
};

const longNonceBytes = 24;

/** Nonce, tag, ciphertext: XSalsa20 and Poly1305. */
const secretbox: Cipher = {
  keyBytes: [32],
  encrypt(key, value) {
    const nonce = randomBytes(longNonceBytes);
    return Buffer.concat([nonce, xsalsa20poly1305(key.export(), nonce).encrypt(value)]);
  },
  decrypt(key, bytes) {
    const box = xsalsa20poly1305(key.export(), bytes.subarray(0, longNonceBytes));
    return Buffer.from(box.decrypt(bytes.subarray(longNonceBytes)));
  },
};

export const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ["aesgcm", aesgcm],
  ["aescbc", aescbc],
  ["secretbox", secretbox],
]);
