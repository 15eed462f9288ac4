import { describe, expect, it } from "vitest";
import type { StatusError } from "../request/status-error.ts";
import { anyRevision, decodeContinue, encodeContinue } from "./continue-token.ts";

const token = { store: "one", revision: 42, afterKey: "/core/pods/a/web" };

describe("a continue token", () => {
  it("says where the list went on", () => {
    expect(decodeContinue(encodeContinue(token, "/core/pods/"), "one", "/core/pods/")).toEqual(token);
  });

  it("of another store is expired, and comes with one for what follows here", () => {
    const refusal = thrown(() => decodeContinue(encodeContinue(token, "/core/pods/"), "two", "/core/pods/"));
    expect(refusal).toMatchObject({ code: 410, reason: "Expired" });
    const next = decodeContinue((refusal as StatusError).continueToken!, "two", "/core/pods/");
    expect(next).toEqual({ store: "two", revision: anyRevision, afterKey: token.afterKey });
  });

  it("goes on after the same name in another list", () => {
    const text = encodeContinue(token, "/core/pods/");
    expect(decodeContinue(text, "one", "/core/secrets/")).toMatchObject({ afterKey: "/core/secrets/a/web" });
  });

  it.each(["../secrets/a", "a/../../b", "./a", "a//b"])("does not lead out of its list by %j", (start) => {
    const text = encoded({ v: "meta.k8s.io/v1", rv: 1, start, store: "one" });
    expect(() => decodeContinue(text, "one", "/core/pods/")).toThrow(`continue key is not valid: ${start}`);
  });

  it.each([
    ["x", "illegal base64 data at input byte 0"],
    ["e30=", "illegal base64 data at input byte 3"],
    [encoded({}), "server does not recognize this encoded version "],
    [encoded({ v: "meta.k8s.io/v1", start: "a" }), "incorrect encoded start resourceVersion"],
    [encoded({ v: "meta.k8s.io/v1", rv: 1 }), "encoded start key empty"],
    [encoded("[").slice(0, 2), "unexpected end of JSON input"],
  ])("%j is none", (text, why) => {
    expect(() => decodeContinue(text, "one", "/")).toThrow(why);
  });
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
