import { FakeClock } from "@berth/base";
import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { BearerToken } from "./bearer-token.ts";
import { bootstrapTokens } from "./bootstrap-tokens.ts";

const now = Date.parse("2026-06-01T00:00:00Z");
const token = "aaaaaa.0123456789abcdef";
const fields = {
  "token-id": "aaaaaa",
  "token-secret": "0123456789abcdef",
  "usage-bootstrap-authentication": "true",
};

/** Who one is by the token, in a cluster whose Secret for it says this. */
async function userOf(data: Record<string, string>, secret: object = {}, given = token) {
  const type = "bootstrap.kubernetes.io/token";
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  const { cache } = filledCache({
    "/core/secrets/kube-system/bootstrap-token-aaaaaa": {
      type,
      data: Object.fromEntries(encoded) as object,
      ...secret,
    },
  });
  return (await bootstrapTokens(cache, new FakeClock(now)).authenticate(new BearerToken(given)))?.user;
}

describe("a bootstrap token", () => {
  it("is its own user, with the groups for machines that join and no others", async () => {
    const groups = "system:bootstrappers:a,system:masters,system:bootstrappers:a:B,x system:bootstrappers:b";
    expect(await userOf({ ...fields, "auth-extra-groups": groups })).toEqual({
      name: "system:bootstrap:aaaaaa",
      groups: ["system:bootstrappers", "system:bootstrappers:a"],
    });
  });

  it("counts until it expires, and not at all where nobody can tell when that is", async () => {
    const at = (expiration: string) => userOf({ ...fields, expiration });
    expect(await at("2026-06-01T00:00:01Z")).toBeDefined();
    await expect(at("2026-06-01T00:00:00Z")).rejects.toThrow("expired at 2026-06-01T00:00:00Z");
    await expect(at("tomorrow")).rejects.toThrow("expired at tomorrow");
  });

  it.each([
    ["of another type", fields, { type: "Opaque" }],
    ["that is being deleted", fields, { metadata: { deletionTimestamp: "2026-05-31T00:00:00Z" } }],
    ["for another id", { ...fields, "token-id": "bbbbbb" }, {}],
    ["for another use", { ...fields, "usage-bootstrap-authentication": "false" }, {}],
    ["with the beginning of the secret alone", { ...fields, "token-secret": "0123456789abcde" }, {}],
    ["with an empty secret", { ...fields, "token-secret": "" }, {}],
  ])("of a Secret %s is nobody", async (_, data, secret) => {
    expect(await userOf(data, secret)).toBeUndefined();
  });

  it("is looked at as a whole", async () => {
    expect(await userOf(fields)).toBeDefined();
    for (const given of [`${token}0`, ` ${token}`, token.toUpperCase(), token.slice(0, -1)])
      expect(await userOf(fields, {}, given)).toBeUndefined();
  });
});
