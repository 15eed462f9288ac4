import type { Bind, Call, Fold, Ident, MessageNode, Node, Select } from "./ast.ts";
import { CelCompileError, type CelProblem } from "./cel-error.ts";
import type { Overload } from "./declarations.ts";
import type { FunctionTable } from "./library/functions.ts";
import { qualifiedName } from "./parser.ts";
import {
  type Bindings,
  boolType,
  bytesType,
  type CelType,
  doubleType,
  dynType,
  intType,
  isAssignable,
  joinTypes,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  stringType,
  substitute,
  typeType,
  uintType,
} from "./types.ts";
import { type CelValue, TypeValue, Uint } from "./values.ts";

/** The types of objects that an expression may construct. */
export type ObjectTypes = (name: string) => CelType | undefined;

const unknownElement: CelType = { kind: "param", name: "_", of: [] };
const typeNames: ReadonlyMap<string, string> = new Map([
  ...[
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "type",
    "null_type",
    "optional_type",
  ].map((name) => [name, name] as const),
  ["google.protobuf.Timestamp", "google.protobuf.Timestamp"],
  ["google.protobuf.Duration", "google.protobuf.Duration"],
]);

/** Gives every node its type and every name its slot. @throws CelCompileError with all problems found */
export function check(
  source: string,
  root: Node,
  globals: ReadonlyMap<string, CelType>,
  functions: FunctionTable,
  objects: ObjectTypes,
): { type: CelType; slots: number } {
  const checker = new Checker(globals, functions, objects);
  const type = checker.visit(root);
  if (checker.problems.length > 0) throw new CelCompileError(source, checker.problems);
  return { type, slots: checker.slots };
}

class Checker {
  readonly problems: CelProblem[] = [];
  readonly #functions: FunctionTable;
  readonly #objects: ObjectTypes;
  readonly #names = new Map<string, { type: CelType; slot: number }>();
  slots: number;

  constructor(globals: ReadonlyMap<string, CelType>, functions: FunctionTable, objects: ObjectTypes) {
    for (const [name, type] of globals) this.#names.set(name, { type, slot: this.#names.size });
    this.slots = globals.size;
    this.#functions = functions;
    this.#objects = objects;
  }

  visit(node: Node): CelType {
    return (node.type = this.#typeOf(node));
  }

  #typeOf(node: Node): CelType {
    switch (node.kind) {
      case "literal":
        return literalType(node.value);
      case "ident":
        return this.#ident(node, node.name) ?? this.#undeclared(node, node.name);
      case "select":
        return this.#select(node);
      case "call":
        return this.#call(node);
      case "list": {
        const types = node.elements.map(({ value, optional }) => this.#element(value, optional));
        return listOf(
          this.#common(
            types,
            node.elements.map(({ value }) => value),
          ),
        );
      }
      case "map": {
        const keys = node.entries.map(({ key }) => this.visit(key));
        const values = node.entries.map(({ value, optional }) => this.#element(value, optional));
        return mapOf(
          this.#common(
            keys,
            node.entries.map(({ key }) => key),
          ),
          this.#common(
            values,
            node.entries.map(({ value }) => value),
          ),
        );
      }
      case "message":
        return this.#message(node);
      case "fold":
        return this.#fold(node);
      default:
        return this.#bind(node);
    }
  }

  /** What is formatted need not be of one type. */
  #mixed(node: Node): CelType {
    if (node.kind !== "list") return this.visit(node);
    for (const { value, optional } of node.elements) this.#element(value, optional);
    return (node.type = listOf(dynType));
  }

  /** What an optional element or entry adds when it is there. */
  #element(value: Node, optional: boolean): CelType {
    const type = this.visit(value);
    if (!optional) return type;
    if (type.kind === "optional") return type.of[0]!;
    if (type.kind !== "dyn")
      this.#problem(value, `expected type 'optional_type(dyn)' but found '${type.name}'`);
    return dynType;
  }

  #common(types: readonly CelType[], nodes: readonly Node[]): CelType {
    let common = types[0] ?? unknownElement;
    for (const [at, type] of types.entries()) {
      const joined = joinTypes(common, type);
      if (joined) common = joined;
      else this.#problem(nodes[at]!, `expected type '${common.name}' but found '${type.name}'`);
    }
    return common;
  }

  #ident(node: Ident | Select, name: string): CelType | undefined {
    const found = this.#names.get(name);
    if (found) {
      node.slot = found.slot;
      return found.type;
    }
    const typeName = typeNames.get(name) ?? this.#objects(name)?.name;
    if (typeName === undefined) return undefined;
    node.constant = new TypeValue(typeName);
    return typeType;
  }

  #undeclared(node: Node, name: string): CelType {
    return this.#problem(node, `undeclared reference to '${name}' (in container '')`);
  }

  #select(node: Select): CelType {
    const whole = node.optional || node.test ? undefined : qualifiedName(node);
    if (whole !== undefined && !this.#names.has(whole.split(".", 1)[0]!)) {
      const type = this.#ident(node, whole);
      if (type) return type;
    } else if (whole !== undefined && this.#names.has(whole)) return this.#ident(node, whole)!;
    const operand = this.visit(node.operand);
    const inner = operand.kind === "optional" ? operand.of[0]! : operand;
    const field = this.#fieldType(node, inner);
    if (node.test) return boolType;
    return node.optional || operand.kind === "optional" ? optionalOf(field) : field;
  }

  #fieldType(node: Select, operand: CelType): CelType {
    if (operand.kind === "dyn" || operand.kind === "param") return dynType;
    if (operand.kind === "map") return operand.of[1]!;
    if (operand.kind === "object") {
      if (!operand.fields) return dynType;
      const field = operand.fields.get(node.field);
      return field ? field.type : this.#problem(node, `undefined field '${node.field}'`);
    }
    return this.#problem(node, `type '${operand.name}' does not support field selection`);
  }

  #call(node: Call): CelType {
    const qualified = node.target && qualifiedName(node.target);
    if (qualified !== undefined && !this.#names.has(qualified.split(".", 1)[0]!)) {
      const name = `${qualified}.${node.name}`;
      if (this.#functions.globals(name).length > 0) {
        node.name = name;
        node.target = undefined;
      }
    }
    if (node.target) node.args.unshift(node.target);
    const member = node.target !== undefined;
    node.target = undefined;
    const types = node.args.map((one) => (node.name === "format" ? this.#mixed(one) : this.visit(one)));
    const special = member ? undefined : this.#special(node, types);
    if (special) return special;
    const known = member ? this.#functions.members(node.name) : this.#functions.globals(node.name);
    if (known.length === 0) return this.#undeclared(node, node.name);
    return this.#resolve(node, known, types, member);
  }

  #resolve(node: Call, known: readonly Overload[], types: readonly CelType[], member: boolean): CelType {
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of known) {
      const bindings: Bindings = new Map();
      if (overload.params.length !== types.length) continue;
      if (!overload.params.every((param, at) => isAssignable(param, types[at]!, bindings))) continue;
      const type = substitute(overload.result, bindings);
      result = result === undefined || result.name === type.name ? type : dynType;
      fitting.push(overload);
    }
    node.overloads = fitting;
    return result ?? this.#noOverload(node, types, member);
  }

  #noOverload(node: Call, types: readonly CelType[], member = false): CelType {
    const names = types.map(({ name }) => name);
    const shown = member ? `${names[0]!}.(${names.slice(1).join(", ")})` : `(${names.join(", ")})`;
    return this.#problem(node, `found no matching overload for '${node.name}' applied to '${shown}'`);
  }

  /** Operators whose arguments are not all evaluated, or whose type no signature tells. */
  #special(node: Call, types: readonly CelType[]): CelType | undefined {
    const isBool = (type: CelType) => type === boolType || type.kind === "dyn";
    switch (node.name) {
      case "_&&_":
      case "_||_":
        return types.every(isBool) ? boolType : this.#noOverload(node, types);
      case "_?_:_": {
        const joined = joinTypes(types[1]!, types[2]!);
        return isBool(types[0]!) && joined ? joined : this.#noOverload(node, types);
      }
      case "_[?_]": {
        const operand = types[0]!.kind === "optional" ? types[0]!.of[0]! : types[0]!;
        return optionalOf(this.#resolve(node, this.#functions.globals("_[_]"), [operand, types[1]!], false));
      }
      default:
        return undefined;
    }
  }

  #message(node: MessageNode): CelType {
    const type = this.#objects(node.name);
    const values = node.fields.map(({ value, optional }) => this.#element(value, optional));
    if (!type) return this.#undeclared(node, node.name);
    for (const [at, field] of node.fields.entries()) {
      const expected = type.fields ? type.fields.get(field.name)?.type : dynType;
      const problem = { ...node, at: field.at };
      if (!expected) this.#problem(problem, `undefined field '${field.name}'`);
      else if (!isAssignable(expected, values[at]!, new Map()))
        this.#problem(
          problem,
          `expected type of field '${field.name}' is '${expected.name}' but provided type is '${values[at]!.name}'`,
        );
    }
    return type;
  }

  #fold(node: Fold): CelType {
    const range = this.visit(node.range);
    const two = node.variables.length === 2;
    if (!["list", "map", "dyn"].includes(range.kind))
      this.#problem(
        node.range,
        `expression of type '${range.name}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    const [key, value] = elementTypes(range);
    const variables = two ? [key, value] : [range.kind === "map" ? key : value];
    return this.#within(node.variables, variables, (slots) => {
      node.slots = slots;
      if (node.filter) this.#bool(node.filter);
      const body = this.visit(node.body!);
      return this.#foldResult(node, range, key, body);
    });
  }

  #foldResult(node: Fold, range: CelType, key: CelType, body: CelType): CelType {
    switch (node.macro) {
      case "map":
      case "transformList":
        return listOf(body);
      case "transformMap":
        return mapOf(key, body);
      case "transformMapEntry":
        return body.kind === "map" ? body : mapOf(dynType, dynType);
      case "sortBy":
        return range;
      default: {
        this.#bool(node.body!, body);
        if (node.macro !== "filter") return boolType;
        return range.kind === "map" ? listOf(key) : range.kind === "list" ? range : listOf(dynType);
      }
    }
  }

  #bool(node: Node, type = this.visit(node)): void {
    if (type !== boolType && type.kind !== "dyn")
      this.#problem(node, `expected type 'bool' but found '${type.name}'`);
  }

  #bind(node: Bind): CelType {
    let value = this.visit(node.value);
    if (value.kind !== "optional" && value.kind !== "dyn")
      this.#problem(node, `found no matching overload for '${node.macro}' applied to '${value.name}.()'`);
    value = value.kind === "optional" ? value.of[0]! : dynType;
    return this.#within([node.variable], [value], ([slot]) => {
      node.slot = slot!;
      const body = this.visit(node.body);
      return node.macro === "optMap" ? optionalOf(body) : body;
    });
  }

  #within(names: readonly string[], types: readonly CelType[], body: (slots: number[]) => CelType): CelType {
    const hidden = names.map((name) => this.#names.get(name));
    const slots = names.map((name, at) => {
      const slot = this.slots++;
      this.#names.set(name, { type: types[at]!, slot });
      return slot;
    });
    const type = body(slots);
    for (const [at, name] of names.entries()) {
      const before = hidden[at];
      if (before) this.#names.set(name, before);
      else this.#names.delete(name);
    }
    return type;
  }

  #problem({ at }: { at: number }, message: string): CelType {
    this.problems.push({ at, message });
    return dynType;
  }
}

function elementTypes(range: CelType): [CelType, CelType] {
  if (range.kind === "list") return [intType, range.of[0]!];
  return range.kind === "map" ? [range.of[0]!, range.of[1]!] : [dynType, dynType];
}

function literalType(value: CelValue): CelType {
  switch (typeof value) {
    case "boolean":
      return boolType;
    case "string":
      return stringType;
    case "bigint":
      return intType;
    case "number":
      return doubleType;
    default:
      if (value === null) return nullType;
      return value instanceof Uint ? uintType : bytesType;
  }
}
