import { describe, expect, it } from "vitest";
import { checkHello, hashToken, parseHello } from "./check-hello.ts";
import { chooseVersions } from "./choose-versions.ts";

const hello = {
  berth: 1 as const,
  instance: "csi.one",
  incarnation: 2,
  token: "t0ken",
  pid: 7,
  sdk: "x/1",
  contracts: [{ name: "csi", versions: ["v1"] }],
  adopted: false,
};
const expected = { instance: "csi.one", tokenHash: hashToken("t0ken"), isOwn: (pid: number) => pid === 7 };

describe("hello", () => {
  it("is let in when instance, token and process are the expected ones", () => {
    expect(checkHello(parseHello(JSON.stringify(hello)), expected, 7)).toBeUndefined();
  });

  it("is refused for another token, process or instance, without repeating the token", () => {
    const reasons = [
      checkHello({ ...hello, token: "other" }, expected, 7),
      checkHello(hello, expected, 8),
      checkHello({ ...hello, instance: "csi.two" }, expected, 7),
      checkHello(hello, undefined, 7),
    ];
    expect(reasons.every((reason) => reason !== undefined && !reason.includes("other"))).toBe(true);
  });

  it("is no hello when anything in it has the wrong shape", () => {
    const wrong = [
      "",
      "null",
      "[]",
      "{",
      { ...hello, berth: 2 },
      { ...hello, incarnation: "2" },
      { ...hello, contracts: [{ name: "csi" }] },
    ];
    for (const line of wrong) {
      expect(parseHello(typeof line === "string" ? line : JSON.stringify(line))).toBeUndefined();
    }
  });
});

describe("versions", () => {
  it("are the newest that both speak", () => {
    const outcome = chooseVersions([{ name: "csi", versions: ["v1", "v2"] }], "csi", { csi: ["v2", "v1"] });
    expect(outcome).toMatchObject({ ok: true, chosen: { csi: "v2" } });
  });

  it("pass over contracts that are called like members of every object", () => {
    const odd = ["constructor", "toString"].map((name) => ({ name, versions: ["v1"] }));
    const outcome = chooseVersions([...odd, { name: "csi", versions: ["v1"] }], "csi", { csi: ["v1"] });
    expect(outcome).toMatchObject({ ok: true, chosen: { csi: "v1" } });
  });

  it("name both ranges when there is none in common", () => {
    const outcome = chooseVersions([{ name: "csi", versions: ["v0"] }], "csi", { csi: ["v1"] });
    expect(outcome).toEqual({ ok: false, reason: "no common version of contract csi: plugin v0, host v1" });
  });
});
