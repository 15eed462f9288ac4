import { describe, expect, it } from "vitest";
import { failOpenVerbs } from "./fail-open.ts";

describe("verbs that fail open", () => {
  it("are none unless they are named", () => {
    expect(failOpenVerbs("cni")).toEqual(new Set());
    expect(failOpenVerbs("cni", ["Check"])).toEqual(new Set(["berth.cni.v1.NetworkPlugin/Check"]));
  });

  it("are never those whose answer says that something was done", () => {
    expect(() => failOpenVerbs("cni", ["Del"])).toThrow(/Del cannot: .*\(Check, Status may\)/);
    expect(() => failOpenVerbs("csi", ["CreateVolume"])).toThrow(/CreateVolume cannot/);
  });

  it("must exist, else the nearest is named", () => {
    expect(() => failOpenVerbs("cni", ["Chek"])).toThrow(/no verb Chek; did you mean Check\?/);
  });
});
