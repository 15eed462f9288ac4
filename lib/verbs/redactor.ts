import type { DescriptorField, DescriptorNode } from "@berth/proto";

/** Stands where a secret stood. */
export const redactedText = "[redacted]";

/** What of a message type is secret: a field as a whole, or parts of the messages in it. */
type Plan = Map<string, "whole" | Plan>;

/**
 * Copies messages without the fields that the contract marks `(berth.options.v1.redacted)`. A type with nothing secret
 * in it is returned as it is.
 */
export class Redactor {
  readonly #types: ReadonlyMap<string, DescriptorNode>;
  readonly #plans = new Map<string, Plan>();

  constructor(descriptor: DescriptorNode) {
    this.#types = messageTypes(descriptor);
  }

  /** `type` is the full name: "csi.v1.NodeStageVolumeRequest". */
  redact(type: string, message: unknown): unknown {
    return apply(this.#plan(type), message);
  }

  #plan(type: string): Plan {
    const known = this.#plans.get(type);
    if (known) return known;
    const plan: Plan = new Map();
    this.#plans.set(type, plan);
    for (const [name, field] of Object.entries(this.#types.get(type)?.fields ?? {})) {
      if (isRedacted(field)) plan.set(name, "whole");
      else {
        const inner = resolveType(this.#types, type, field.type);
        if (inner !== undefined) {
          const innerPlan = this.#plan(inner);
          if (hasSecrets(innerPlan)) plan.set(name, innerPlan);
        }
      }
    }
    return plan;
  }
}

/** csi_secret is the specification's own mark (field option 1059). */
function isRedacted(field: DescriptorField): boolean {
  return field.options?.["(berth.options.v1.redacted)"] === true || field.options?.["(csi_secret)"] === true;
}

function hasSecrets(plan: Plan): boolean {
  return plan.size > 0;
}

function apply(plan: Plan, message: unknown): unknown {
  if (plan.size === 0 || typeof message !== "object" || message === null) return message;
  if (Array.isArray(message)) return message.map((element) => apply(plan, element));
  const copy: Record<string, unknown> = { ...message };
  for (const [field, rule] of plan) {
    const value = copy[field];
    if (value === undefined || value === null || isEmpty(value)) continue;
    copy[field] = rule === "whole" ? redactedText : applyToField(rule, value);
  }
  return copy;
}

/** A map of messages arrives as a plain object whose keys are not fields of the type. */
function applyToField(plan: Plan, value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return apply(plan, value);
  const isMessage = [...plan.keys()].some((field) => Object.hasOwn(value, field));
  if (isMessage) return apply(plan, value);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, apply(plan, element)]));
}

function isEmpty(value: unknown): boolean {
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function messageTypes(root: DescriptorNode): Map<string, DescriptorNode> {
  const types = new Map<string, DescriptorNode>();
  const walk = (node: DescriptorNode, path: string): void => {
    if (node.fields) types.set(path, node);
    for (const [name, child] of Object.entries(node.nested ?? {}))
      walk(child, path ? `${path}.${name}` : name);
  };
  walk(root, "");
  return types;
}

/** Protobuf's rule: the innermost scope that knows the name wins. */
function resolveType(
  types: ReadonlyMap<string, DescriptorNode>,
  scope: string,
  name: string,
): string | undefined {
  if (name.startsWith(".")) return types.has(name.slice(1)) ? name.slice(1) : undefined;
  for (let path = scope; path; path = path.slice(0, Math.max(0, path.lastIndexOf(".")))) {
    if (types.has(`${path}.${name}`)) return `${path}.${name}`;
    if (!path.includes(".")) break;
  }
  return types.has(name) ? name : undefined;
}
