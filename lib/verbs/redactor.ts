import { type DescriptorField, type DescriptorNode, resolveTypeName } from "@berth/proto";

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
  readonly #names: ReadonlySet<string>;
  readonly #plans = new Map<string, Plan>();

  constructor(descriptor: DescriptorNode) {
    this.#types = messageTypes(descriptor);
    this.#names = new Set(this.#types.keys());
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
        const inner = this.#plan(resolveTypeName(this.#names, type, field.type));
        if (inner.size > 0) plan.set(name, inner);
      }
    }
    return plan;
  }
}

/** Our own mark, that of CSI (field option 1059), and that of protobuf itself. */
const marks = ["(berth.options.v1.redacted)", "(csi_secret)", "debug_redact"];

function isRedacted(field: DescriptorField): boolean {
  return marks.some((mark) => field.options?.[mark] === true);
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
