import { describe, expect, it } from "vitest";
import { compareDescription } from "./compare-description.ts";

const manifest = { id: "csi-x", version: "1.0.0", contractVersions: { csi: ["v1"] } };
const same = { id: "csi-x", version: "1.0.0", contracts: [{ name: "csi", versions: ["v1"] }] };

describe("description against manifest", () => {
  it("is fine when they say the same", () => {
    expect(compareDescription(manifest, same)).toEqual({ problems: [], warnings: [] });
  });

  it("refuses less and warns about more", () => {
    expect(compareDescription(manifest, { ...same, contracts: [] }).problems).toEqual([
      "plugin.json promises csi v1, which it does not serve",
    ]);
    const more = { ...same, contracts: [...same.contracts, { name: "cni", versions: ["v1"] }] };
    const outcome = compareDescription(manifest, more);
    expect(outcome.problems).toEqual([]);
    expect(outcome.warnings[0]).toContain("cni v1");
  });

  it("warns about a contract that is called like a member of every object", () => {
    const odd = { name: "constructor", versions: ["v1"] };
    const { warnings } = compareDescription(manifest, { ...same, contracts: [...same.contracts, odd] });
    expect(warnings).toEqual(["it serves constructor v1, which plugin.json does not promise"]);
  });

  it("refuses a program that is another plugin or version", () => {
    expect(compareDescription(manifest, { ...same, id: "csi-y", version: "1.0.1" }).problems).toHaveLength(2);
  });
});
