import { describe, expect, it } from "vitest";
import type { ConfigMigration, Manifest } from "./manifest.ts";
import { badMigration, migrateConfig, renameHints, renameLines, renamePatch } from "./migrate-config.ts";

const keys = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});

function manifest(version: string, configMigrations: ConfigMigration[], config: object = keys("c", "d")) {
  return { version, config, configMigrations } as unknown as Manifest;
}

const chain = manifest("3.0.0", [
  { to: "3.0.0", rename: { b: "c" } },
  { to: "2.0.0", rename: { a: "b" } },
]);

describe("a configuration of an earlier version", () => {
  it("is renamed step by step from the version that it was written for", () => {
    const { config, renamed } = migrateConfig(chain, "1.4.0", { a: "x", d: "y" });
    expect(config).toEqual({ c: "x", d: "y" });
    expect(renamed).toEqual([{ from: "a", to: "c", value: "x" }]);
    expect(renameLines(renamed)).toEqual(['- a: "x"', '+ c: "x"']);
    expect(renamePatch(renamed)).toEqual({ a: null, c: "x" });
  });

  it("of a version that has the new names already is left alone", () => {
    expect(migrateConfig(chain, "3.0.0", { c: "x" }).renamed).toEqual([]);
    expect(migrateConfig(chain, "2.0.0", { a: "of nobody" }).config).toEqual({ a: "of nobody" });
    expect(migrateConfig(chain, "3.0.0-rc.1", { b: "x" }).config).toEqual({ c: "x" });
  });

  it("that says both the old and the new name is refused: nobody knows which is meant", () => {
    const both = () => migrateConfig(chain, "2.1.0", { b: "x", c: "y" });
    expect(both).toThrow("spec.config sets b, which is c since 3.0.0, and c too: keep one of them");
    const joined = manifest("2.0.0", [{ to: "2.0.0", rename: { a: "c", b: "c" } }]);
    expect(() => migrateConfig(joined, "1.0.0", { a: "x", b: "y" })).toThrow(
      "sets a, which is c since 2.0.0, and b too",
    );
    expect(migrateConfig(joined, "1.0.0", { b: "y" }).config).toEqual({ c: "y" });
  });

  it("of an unnamed version is refused where a name was taken for something else", () => {
    const reused = manifest("2.0.0", [{ to: "2.0.0", rename: { d: "c" } }]);
    expect(() => migrateConfig(reused, undefined, { d: "x" })).toThrow(
      "d, which means something else since 2.0.0: say in spec.version",
    );
    expect(migrateConfig(reused, "1.0.0", { d: "x" }).config).toEqual({ c: "x" });
    expect(migrateConfig(chain, undefined, { b: "x" }).config).toEqual({ c: "x" });
  });

  it("exchanges two names in one step, and moves keys in and out of others", () => {
    const swap = manifest("2.0.0", [{ to: "2.0.0", rename: { c: "d", d: "c" } }]);
    expect(migrateConfig(swap, "1.0.0", { c: "1", d: "2" }).config).toEqual({ c: "2", d: "1" });
    const inner = { properties: { log: { properties: { level: { type: "string" } } } } };
    const into = manifest("2.0.0", [{ to: "2.0.0", rename: { "debug.level": "log.level" } }], inner);
    const { config, renamed } = migrateConfig(into, "1.0.0", { debug: { level: "info" } });
    expect(config).toEqual({ log: { level: "info" } });
    expect(renamePatch(renamed)).toEqual({ debug: { level: null }, log: { level: "info" } });
  });

  it("leaves keys alone that are called like members of every object", () => {
    const odd = JSON.parse('{"constructor": "x", "toString": "y", "__proto__": "z", "a": "w"}') as object;
    const { config, renamed } = migrateConfig(chain, "1.0.0", { ...odd });
    expect(renamed).toEqual([{ from: "a", to: "c", value: "w" }]);
    expect(JSON.stringify(config)).toBe('{"constructor":"x","toString":"y","__proto__":"z","c":"w"}');
    const named = manifest("3.0.0", [
      { to: "2.0.0", rename: { a: "constructor" } },
      { to: "3.0.0", rename: { b: "c" } },
    ]);
    expect(migrateConfig(named, "1.0.0", { a: "x" }).renamed).toEqual([
      { from: "a", to: "constructor", value: "x" },
    ]);
    expect(badMigration(named)).toContain("a becomes constructor, which config does not have");
  });

  it("changes nothing of what it was given", () => {
    const given = Object.freeze({ a: "x" });
    migrateConfig(chain, "1.0.0", given);
    expect(given).toEqual({ a: "x" });
  });
});

describe("migrations of a manifest", () => {
  it("lead to keys that there are, no later than its version, each version once", () => {
    expect(badMigration(chain)).toBeUndefined();
    expect(badMigration(manifest("1.0.0", [{ to: "2.0.0", rename: { a: "c" } }]))).toContain(
      "later than version 1.0.0",
    );
    expect(badMigration(manifest("2.0.0", [{ to: "2.0.0", rename: { a: "x" } }]))).toContain(
      "configMigrations[0].rename: a becomes x, which config does not have",
    );
    const twice: ConfigMigration[] = [
      { to: "2.0.0", rename: { a: "c" } },
      { to: "2.0.0", rename: { b: "d" } },
    ];
    expect(badMigration(manifest("2.0.0", twice))).toContain("a second time");
  });

  it("explain a key that is not known any more", () => {
    expect(renameHints(chain, { b: "x", d: "y" })).toEqual([
      "b is c since 3.0.0; berth plugin upgrade renames it",
    ]);
  });
});
