import { describe, expect, it } from "vitest";
import type { StatusError } from "../request/status-error.ts";
import { anyRevision, decodeContinue, encodeContinue } from "./continue-token.ts";

const token = { store: "one", revision: 42, afterKey: "/core/pods/a/web" };

describe("a continue token", () => {
  it("says where the list went on", () => {
    expect(decodeContinue(encodeContinue(token), "one", "/core/pods/")).toEqual(token);
  });

  it("of another store is expired, and comes with one for what follows here", () => {
    const refusal = thrown(() => decodeContinue(encodeContinue(token), "two", "/core/pods/"));
    expect(refusal).toMatchObject({ code: 410, reason: "Expired" });
    const next = decodeContinue((refusal as StatusError).continueToken!, "two", "/core/pods/");
    expect(next).toEqual({ store: "two", revision: anyRevision, afterKey: token.afterKey });
  });

  it("does not lead out of the list it was made for", () => {
    expect(() => decodeContinue(encodeContinue(token), "one", "/core/secrets/")).toThrow("not valid");
  });

  it.each(["", "x", "e30", Buffer.from('[1,"one","a","b"]').toString("base64url")])("%j is none", (text) => {
    expect(() => decodeContinue(text, "one", "/")).toThrow("continue key is not valid");
  });
});

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
