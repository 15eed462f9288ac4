import { describe, expect, test } from "vitest";
import { authenticateCertificate, authenticateToken, type TokenAuthenticator } from "./authenticator.ts";
import { BearerToken, bearerToken } from "./bearer-token.ts";
import { staticTokens } from "./static-tokens.ts";

const tokens = staticTokens(
  new Map([
    ["one", { name: "ann", groups: ["a"] }],
    ["two", { name: "bob", groups: [] }],
  ]),
);
const outcome = (text: string, ...before: TokenAuthenticator[]) =>
  authenticateToken(new BearerToken(text), [...before, tokens]);

describe("a bearer token", () => {
  test("is of the one it was given to, who has shown who he is", async () => {
    const groups = ["a", "system:authenticated"];
    expect(await outcome("one")).toEqual({ kind: "user", user: { name: "ann", groups } });
    expect(await outcome("two")).toMatchObject({ kind: "user", user: { name: "bob" } });
  });

  test("that nobody knows is refused, and no reason to take its bearer for nobody", async () => {
    for (const text of ["three", "on", "onee", ""])
      expect(await outcome(text), text).toEqual({
        kind: "refused",
        reason: "the bearer token is not known here",
      });
  });

  test("that has been found to be no good is not asked about elsewhere", async () => {
    const expired: TokenAuthenticator = {
      name: "of long ago",
      authenticate: () => Promise.reject(new Error("it has expired")),
    };
    expect(await outcome("one", expired)).toEqual({ kind: "refused", reason: "it has expired" });
  });

  test("is the whole of a header that says so", () => {
    expect(bearerToken("Bearer one")?.text).toBe("one");
    expect(bearerToken("bearer  one")?.text).toBe("one");
    for (const header of ["Bearer one two", "Basic one", "x Bearer one", "Bearer", "Bearer ", undefined])
      expect(bearerToken(header), header).toBeUndefined();
  });
});

test("a certificate is its owner's, no certificate nobody's, and one that is no good is refused", () => {
  const validUntil = Number.POSITIVE_INFINITY;
  expect(
    authenticateCertificate({
      kind: "certificate",
      user: "ann",
      groups: ["a"],
      fingerprint: "f",
      validUntil,
    }),
  ).toEqual({
    kind: "user",
    user: {
      name: "ann",
      groups: ["a", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": ["X509SHA256=f"] },
    },
  });
  expect(authenticateCertificate({ kind: "none" })).toEqual({ kind: "anonymous" });
  const refused = { kind: "refused", reason: "the client certificate has expired" } as const;
  expect(authenticateCertificate(refused)).toEqual(refused);
});
