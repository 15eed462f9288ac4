import { FakeClock } from "@berth/base";
import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { BearerToken } from "./bearer-token.ts";
import { ServiceAccountTokens } from "./service-account-tokens.ts";

function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKey, publicKeys: [publicKey] };
}

const account = "/core/serviceaccounts/d/robot";
const spec = {
  namespace: "d",
  serviceAccount: { name: "robot", uid: "u1" },
  audiences: ["berth"],
  expirationSeconds: 600,
};
const keys = newKeys();
let clock: FakeClock;
let filled: ReturnType<typeof filledCache>;
let tokens: ServiceAccountTokens;

beforeEach(() => {
  clock = new FakeClock(Date.parse("2026-06-01T00:00:00Z"));
  filled = filledCache({ [account]: { metadata: { uid: "u1" } } });
  tokens = new ServiceAccountTokens({ issuer: "berth", keys, cache: filled.cache, clock });
});

const nameOf = async (token: string): Promise<string | undefined> =>
  (await tokens.authenticate(new BearerToken(token)))?.user.name;
const robot = "system:serviceaccount:d:robot";

describe("a token of a service account", () => {
  it("is of no use to another account of the same name", async () => {
    const { token } = await tokens.issue(spec);
    expect(await nameOf(token)).toBe(robot);
    filled.put(account, { metadata: { uid: "u2" } });
    await expect(nameOf(token)).rejects.toThrow("service account d/robot has been replaced by another");
  });

  it.each([
    ["Pod", "pods"],
    ["Secret", "secrets"],
  ] as const)("that is bound to a %s ends with that very one", async (kind, resource) => {
    const key = `/core/${resource}/d/x`;
    filled.put(key, { metadata: { uid: "x1" } });
    const { token } = await tokens.issue({ ...spec, bound: { kind, name: "x", uid: "x1" } });
    expect(await nameOf(token)).toBe(robot);
    filled.put(key, { metadata: { uid: "x2" } });
    await expect(nameOf(token)).rejects.toThrow("has been replaced by another");
    filled.remove(key);
    await expect(nameOf(token)).rejects.toThrow(`d/x is gone`);
  });

  it("ends with its time, also where it was seen a moment ago", async () => {
    const { token, expiresAt } = await tokens.issue(spec);
    await clock.advance(expiresAt - clock.now() - 1000);
    expect(await nameOf(token)).toBe(robot);
    await clock.advance(1000);
    await expect(nameOf(token)).rejects.toThrow("has expired");
  });

  it("ends with the key that signed it, also where it was seen a moment ago", async () => {
    const { token } = await tokens.issue(spec);
    const next = newKeys();
    tokens.useKeys({ ...next, publicKeys: [...next.publicKeys, ...keys.publicKeys] });
    expect(await nameOf(token), "the former key still counts").toBe(robot);
    tokens.useKeys(next);
    await expect(nameOf(token)).rejects.toThrow("not one this server signed");
  });

  it("is good for the audiences that it names alone", async () => {
    const { token } = await tokens.issue({ ...spec, audiences: ["vault", "berth"] });
    expect((await tokens.authenticate(new BearerToken(token), ["vault", "other"]))?.audiences).toEqual([
      "vault",
    ]);
    await expect(tokens.authenticate(new BearerToken(token), ["other"])).rejects.toThrow(
      'for the target audiences ["other"]',
    );
    const elsewhere = await tokens.issue({ ...spec, audiences: ["vault"] });
    await expect(tokens.authenticate(new BearerToken(elsewhere.token))).rejects.toThrow(
      'for the target audiences ["berth"]',
    );
  });

  it("that is bound to a pod ends with the pod, whatever becomes of its node", async () => {
    const pod = "/core/pods/d/x";
    filled.put(pod, { metadata: { uid: "x1" } });
    const bound = { kind: "Pod", name: "x", uid: "x1" } as const;
    const { token } = await tokens.issue({ ...spec, bound, node: { name: "gone", uid: "n1" } });
    expect(await nameOf(token)).toBe(robot);
    filled.remove(pod);
    await expect(nameOf(token)).rejects.toThrow("d/x is gone");
  });

  it("that lasts is for this server alone", async () => {
    const token = await tokens.issueLasting({ ...spec, secret: "kept" });
    filled.put("/core/secrets/d/kept", { data: { token: Buffer.from(token).toString("base64") } });
    expect((await tokens.authenticate(new BearerToken(token), ["berth"]))?.audiences).toEqual(["berth"]);
    await expect(tokens.authenticate(new BearerToken(token), ["vault"])).rejects.toThrow(
      'for the target audiences ["vault"]',
    );
  });

  it("that lasts counts only while its Secret holds that very token", async () => {
    const key = "/core/secrets/d/kept";
    const holds = (token: string) =>
      filled.put(key, { data: { token: Buffer.from(token).toString("base64") } });
    const token = await tokens.issueLasting({ ...spec, secret: "kept" });
    holds(token);
    expect(await nameOf(token)).toBe(robot);
    holds(await tokens.issueLasting({ ...spec, secret: "other" }));
    await expect(nameOf(token)).rejects.toThrow("does not hold the token, or is gone");
    filled.remove(key);
    await expect(nameOf(token)).rejects.toThrow("does not hold the token, or is gone");
  });
});
