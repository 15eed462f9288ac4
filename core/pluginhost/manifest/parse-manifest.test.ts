import { isBerthError } from "@berth/base";
import { describe, expect, it } from "vitest";
import { badConfig, badManifest } from "../errors.ts";
import { checkConfig } from "./check-config.ts";
import { parseManifest } from "./parse-manifest.ts";
import { fillTemplate } from "./template.ts";

const smallest = {
  id: "csi-small",
  version: "0.1.0",
  contract: "csi",
  contractVersions: { csi: ["v1"] },
  entry: ["${node}", "main.ts"],
};

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("plugin.json", () => {
  it("fills in every default", () => {
    const manifest = parseManifest(JSON.stringify(smallest), "p");
    expect(manifest).toMatchObject({ sdk: true, lifetime: "adoptable", needs: [], daemons: [], limits: {} });
    expect(manifest.startBudgetSeconds).toBe(30);
    expect(manifest.privileges).toEqual({
      capabilities: [],
      mounts: false,
      devices: [],
      hostNetwork: false,
      root: false,
    });
  });

  it("names the nearest key for a misspelt one, at any depth", () => {
    const text = JSON.stringify({ ...smallest, lifetme: "adoptable", privileges: { mount: true } });
    const error = thrownBy(() => parseManifest(text, "/p/plugin.json"));
    expect(isBerthError(error, badManifest)).toBe(true);
    expect(error.message).toContain("plugin.json: lifetme is not a known key; did you mean lifetime?");
    expect(error.message).toContain("plugin.json: privileges.mount is not a known key; did you mean mounts?");
  });

  it("names what is missing and what is out of range", () => {
    const error = thrownBy(() =>
      parseManifest(JSON.stringify({ ...smallest, id: undefined, contract: "nfs" }), "/p/plugin.json"),
    );
    expect(error.message).toContain("plugin.json: id is missing");
    expect(error.message).toContain('contract is "nfs", but must be one of cri, csi, cni, device');
  });

  it("refuses a config schema that is none, and a contract without a version", () => {
    const schema = { ...smallest, config: { type: "objekt" } };
    expect(thrownBy(() => parseManifest(JSON.stringify(schema), "x")).message).toContain(
      'config.type is "objekt", but must be one of object, array',
    );
    const other = { ...smallest, contractVersions: { cni: ["v1"] } };
    expect(thrownBy(() => parseManifest(JSON.stringify(other), "x")).message).toContain("does not name it");
  });

  it("names the nearest capability to one that does not exist", () => {
    const privileged = { ...smallest, privileges: { capabilities: ["CAP_NETADMIN"] } };
    expect(thrownBy(() => parseManifest(JSON.stringify(privileged), "plugin.json")).message).toContain(
      'plugin.json: privileges.capabilities[0] is "CAP_NETADMIN", which is unknown; did you mean CAP_NET_ADMIN?',
    );
  });

  it("refuses a config schema that contradicts itself, naming the key", () => {
    const refusal = (properties: object): string => {
      const text = JSON.stringify({ ...smallest, config: { type: "object", properties } });
      return thrownBy(() => parseManifest(text, "plugin.json")).message;
    };
    expect(refusal({ size: { type: "integer", default: "big" } })).toBe(
      'plugin.json: config.properties.size.default does not fit its own schema: size: expected integer, got "big"',
    );
    const nested = { type: "object", properties: { name: { type: "string", pattern: "[" } } };
    expect(refusal({ nested })).toContain("config.properties.nested.properties.name.pattern: ");
  });

  it("says where text is not JSON", () => {
    expect(thrownBy(() => parseManifest("{", "/p/plugin.json")).message).toMatch(
      /^\/p\/plugin.json is not JSON/,
    );
  });
});

describe("spec.config", () => {
  const config = {
    type: "object",
    additionalProperties: false,
    properties: { subnet: { type: "string", default: "10.88.0.0/16" }, mtu: { type: "integer" } },
  };

  it("takes the schema's defaults", () => {
    expect(checkConfig({ config, configMigrations: [] }, { mtu: 1400 })).toEqual({
      mtu: 1400,
      subnet: "10.88.0.0/16",
    });
  });

  it("names the nearest key and the wrong type", () => {
    const error = thrownBy(() =>
      checkConfig({ config, configMigrations: [] }, { subnett: "1", mtu: "large" }),
    );
    expect(isBerthError(error, badConfig)).toBe(true);
    expect(error.message).toContain("spec.config: unknown key subnett; did you mean subnet?");
    expect(error.message).toContain('mtu: expected integer, got "large"');
  });
});

describe("templates", () => {
  it("fill in what is known and refuse what is not", () => {
    expect(fillTemplate("--socket=${socket}", { socket: "/s" }, "entry")).toBe("--socket=/s");
    expect(thrownBy(() => fillTemplate("${sock}", { socket: "/s" }, "entry[1]")).message).toContain(
      "entry[1] uses ${sock}, which does not exist; did you mean ${socket}?",
    );
    expect(thrownBy(() => fillTemplate("${constructor}", { socket: "/s" }, "entry[1]")).message).toContain(
      "entry[1] uses ${constructor}, which does not exist",
    );
  });
});
