import type { DescriptorField, DescriptorNode } from "./describe-contract.ts";

/** What two ends of a wire must agree on; names of types are full, "csi.v1.Volume". */
export interface ContractShape {
  services: Record<string, Record<string, MethodShape>>;
  messages: Record<string, Record<string, FieldShape>>;
  enums: Record<string, Record<string, number>>;
}

export interface MethodShape {
  request: string;
  response: string;
  /** none, request, response or both. */
  streaming: "none" | "request" | "response" | "both";
}

export interface FieldShape {
  number: number;
  /** Scalar name, full type name, or map<key, value>. */
  type: string;
  repeated: boolean;
}

const scalars = new Set(
  "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes".split(
    " ",
  ),
);

/** Flattens a descriptor. Types of packages that start with one of `without` are left out. */
export function shapeOf(root: DescriptorNode, without: readonly string[] = ["google."]): ContractShape {
  const types = namesOf(root);
  const shape: ContractShape = { services: {}, messages: {}, enums: {} };
  const walk = (node: DescriptorNode, path: string): void => {
    if (without.some((prefix) => `${path}.`.startsWith(prefix))) return;
    if (node.fields) shape.messages[path] = fieldsOf(node, path, types);
    if (node.values) shape.enums[path] = node.values;
    if (node.methods) shape.services[path] = methodsOf(node, path, types);
    for (const [name, child] of Object.entries(node.nested ?? {})) walk(child, join(path, name));
  };
  walk(root, "");
  return shape;
}

function fieldsOf(
  node: DescriptorNode,
  path: string,
  types: ReadonlySet<string>,
): Record<string, FieldShape> {
  return Object.fromEntries(
    Object.entries(node.fields ?? {}).map(([name, field]) => [
      name,
      { number: field.id, type: fieldType(field, path, types), repeated: field.rule === "repeated" },
    ]),
  );
}

function fieldType(field: DescriptorField, scope: string, types: ReadonlySet<string>): string {
  const type = scalars.has(field.type) ? field.type : resolveTypeName(types, scope, field.type);
  return field.keyType ? `map<${field.keyType}, ${type}>` : type;
}

function methodsOf(
  node: DescriptorNode,
  path: string,
  types: ReadonlySet<string>,
): Record<string, MethodShape> {
  const scope = path.slice(0, path.lastIndexOf("."));
  return Object.fromEntries(
    Object.entries(node.methods ?? {}).map(([name, method]) => [
      name,
      {
        request: resolveTypeName(types, scope, method.requestType),
        response: resolveTypeName(types, scope, method.responseType),
        streaming: method.requestStream
          ? method.responseStream
            ? "both"
            : "request"
          : method.responseStream
            ? "response"
            : "none",
      },
    ]),
  );
}

function namesOf(root: DescriptorNode): Set<string> {
  const names = new Set<string>();
  const walk = (node: DescriptorNode, path: string): void => {
    if (node.fields || node.values) names.add(path);
    for (const [name, child] of Object.entries(node.nested ?? {})) walk(child, join(path, name));
  };
  walk(root, "");
  return names;
}

/** Protobuf's rule: the innermost scope that knows the name wins. The name as it is when none does. */
export function resolveTypeName(types: ReadonlySet<string>, scope: string, name: string): string {
  if (name.startsWith(".")) return name.slice(1);
  for (let path = scope; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf(".")))) {
    const candidate = `${path}.${name}`;
    if (types.has(candidate)) return candidate;
  }
  return name;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** What an old peer would trip over: a name that went, a number, type or direction that changed. Additions are fine. */
export function breakingChanges(frozen: ContractShape, current: ContractShape): string[] {
  const found: string[] = [];
  compare(frozen.services, current.services, "service", found);
  compare(frozen.messages, current.messages, "message", found);
  compare(frozen.enums, current.enums, "enum", found);
  return found;
}

function compare(
  frozen: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  current: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  kind: string,
  found: string[],
): void {
  for (const [name, members] of Object.entries(frozen)) {
    const now = current[name];
    if (!now) found.push(`${kind} ${name} is gone`);
    for (const [member, was] of now ? Object.entries(members) : []) {
      const is = now?.[member];
      if (is === undefined) found.push(`${name}.${member} is gone`);
      else if (JSON.stringify(is) !== JSON.stringify(was)) {
        found.push(`${name}.${member} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`);
      }
    }
  }
}
