import { allCapabilities } from "@berth/oci";
import { hostServiceNames } from "./manifest.ts";

const text = { type: "string", minLength: 1, maxLength: 4096 };
const texts = { type: "array", items: text, maxItems: 256 };

const limits = {
  type: "object",
  additionalProperties: false,
  properties: {
    memory: { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$" },
    cpu: { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?m?$" },
    pids: { type: "integer", minimum: 1, maximum: 4_194_304 },
  },
};

const privileges = {
  type: "object",
  additionalProperties: false,
  properties: {
    capabilities: { type: "array", items: { type: "string", enum: [...allCapabilities] }, default: [] },
    mounts: { type: "boolean", default: false },
    devices: { ...texts, default: [] },
    hostNetwork: { type: "boolean", default: false },
    root: { type: "boolean", default: false },
  },
  default: {},
};

const daemon = {
  type: "object",
  additionalProperties: false,
  required: ["id", "entry", "ready"],
  properties: {
    id: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$" },
    entry: { ...texts, minItems: 1 },
    files: {
      type: "object",
      propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
      additionalProperties: { type: "string", maxLength: 65_536 },
      default: {},
    },
    ready: {
      type: "object",
      additionalProperties: false,
      required: ["socket"],
      properties: { socket: text },
    },
    unlessConfig: text,
  },
};

const version = { type: "string", pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.-]+)?$" };

const configMigration = {
  type: "object",
  additionalProperties: false,
  required: ["to", "rename"],
  properties: {
    to: version,
    rename: { type: "object", minProperties: 1, additionalProperties: text },
  },
};

/** The part of JSON Schema that a configuration may be described in: what @berth/verbs checks, and nothing else. */
const configSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    type: { type: "string", enum: ["object", "array", "string", "integer", "number", "boolean"] },
    description: { type: "string" },
    default: true,
    properties: { type: "object", additionalProperties: { $ref: "#/definitions/configSchema" } },
    required: texts,
    additionalProperties: { anyOf: [{ type: "boolean" }, { $ref: "#/definitions/configSchema" }] },
    items: { $ref: "#/definitions/configSchema" },
    enum: { type: "array" },
    minimum: { type: "number" },
    maximum: { type: "number" },
    minLength: { type: "integer" },
    maxLength: { type: "integer" },
    pattern: { type: "string" },
    maxItems: { type: "integer" },
  },
};

/** JSON Schema of `plugin.json`. Defaults in it are what {@link Manifest} holds when a key is absent. */
export const manifestSchema = {
  type: "object",
  additionalProperties: false,
  required: ["id", "version", "contract", "contractVersions", "entry"],
  definitions: { configSchema },
  properties: {
    $schema: { type: "string" },
    id: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" },
    version,
    contract: { type: "string", enum: ["cri", "csi", "cni", "device"] },
    contractVersions: {
      type: "object",
      minProperties: 1,
      additionalProperties: { ...texts, minItems: 1 },
    },
    entry: { ...texts, minItems: 1 },
    sdk: { type: "boolean", default: true },
    lifetime: { type: "string", enum: ["adoptable", "with-host"], default: "adoptable" },
    config: {
      $ref: "#/definitions/configSchema",
      default: { type: "object", additionalProperties: false, properties: {} },
    },
    configMigrations: { type: "array", items: configMigration, maxItems: 64, default: [] },
    needs: {
      type: "array",
      items: { type: "string", pattern: "^(network|(daemon|contract):[a-z0-9-]+)$" },
      default: [],
    },
    daemons: { type: "array", items: daemon, maxItems: 8, default: [] },
    hostServices: { type: "array", items: { type: "string", enum: [...hostServiceNames] }, default: [] },
    privileges,
    limits: { ...limits, default: {} },
    startBudgetSeconds: { type: "integer", minimum: 1, maximum: 600, default: 30 },
    stateless: { type: "boolean", default: false },
  },
};
