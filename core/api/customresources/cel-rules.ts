import type { ValidationRule } from "../generated/types.ts";
import {
  CelBudget,
  CelCompileError,
  CelCostError,
  CelEnvironment,
  type CelProgram,
  CelRuntimeError,
  type CelType,
  type CelValue,
  boolType,
  fromJson,
  Optional,
  optionalOf,
  stringType,
  typeOfResource,
  typeOfSchema,
  WrongResultError,
} from "../cel/index.ts";
import { FieldErrors, formatFieldError } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual, isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { simplePath } from "./json-path.ts";
import { additionalOf, propertyOf, type Schema } from "./schema.ts";
import { oldItemOf } from "./old-item.ts";

interface Rule {
  readonly source: ValidationRule;
  readonly program: CelProgram;
  readonly message: CelProgram | undefined;
  /** It compares with what was there before, so it holds for changes alone. */
  readonly isTransition: boolean;
}

/** The rules of one value, and of what is in it. */
interface Node {
  readonly schema: Schema;
  readonly type: CelType;
  readonly rules: readonly Rule[];
  readonly properties: ReadonlyMap<string, Node>;
  readonly additional: Node | undefined;
  readonly items: Node | undefined;
}

/** Says where in the definition a rule is wrong, and why. */
export type RuleProblem = (at: FieldPath, errors: FieldErrors) => void;

/** The `x-kubernetes-validations` of a schema, compiled once. */
export class CelRules {
  readonly problems: RuleProblem[] = [];
  readonly #root: Node | undefined;
  readonly #environment = new CelEnvironment({});

  constructor(schema: Schema) {
    this.#root = hasRules(schema) ? this.#node(schema, [], typeOfResource(schema), undefined) : undefined;
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /**
   * @param old what the object was; undefined for a new one
   * @param warnings of values that break a rule as they did before: a schema may become stricter without freezing them
   */
  check(object: JsonObject, old: JsonObject | undefined, errors: FieldErrors, warnings: string[] = []): void {
    if (!this.#root) return;
    const run = { errors, warnings, budget: new CelBudget() };
    try {
      visit(this.#root, object, old, undefined, run, false);
    } catch (error) {
      if (!(error instanceof CelCostError)) throw error;
      errors.invalid(rootName, "", error.message);
    }
  }

  /** @param changing the outermost value around this one of whose parts nobody knows what they were before */
  #node(
    schema: Schema,
    at: readonly string[],
    type: CelType,
    changing: readonly string[] | undefined,
  ): Node | undefined {
    const rules = (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => {
      const compiled = this.#compile(rule, type, at, index, changing);
      return compiled ? [compiled] : [];
    });
    const below = changing ?? (keepsItsParts(schema) ? undefined : at);
    const inner = (one: Schema | undefined, ...path: string[]): Node | undefined =>
      one && hasRules(one) ? this.#node(one, [...at, ...path], typeOfSchema(one), below) : undefined;
    const properties = Object.entries(schema.properties ?? {}).flatMap(([name, one]): [string, Node][] => {
      const node = inner(one, "properties", `[${name}]`);
      return node ? [[name, node]] : [];
    });
    return {
      schema,
      type,
      rules,
      properties: new Map(properties),
      additional: inner(additionalOf(schema), "additionalProperties"),
      items: inner(schema.items, "items"),
    };
  }

  #compile(
    source: ValidationRule,
    type: CelType,
    at: readonly string[],
    index: number,
    changing: readonly string[] | undefined,
  ): Rule | undefined {
    const complain = (member: string, value: unknown, why: (root: FieldPath) => string): void => {
      this.problems.push((root, errors) => {
        const path = pathBelow(root, [...at, "x-kubernetes-validations", `[${index}]`, member]);
        errors.invalid(path, value, why(root));
      });
    };
    const compiled = (
      member: "rule" | "messageExpression",
      environment: CelEnvironment,
      result: CelType,
      otherwise: string,
    ) => {
      try {
        return environment.compile(source[member]!, [result]);
      } catch (error) {
        if (!(error instanceof CelCompileError)) throw error;
        const failed = `${member === "rule" ? "" : `${member} `}compilation failed: ${error.message}`;
        complain(member, shownRule(source), () => (error instanceof WrongResultError ? otherwise : failed));
        return undefined;
      }
    };
    const isTransition = this.#needsOld(source.rule, type);
    const old = source.optionalOldSelf ? optionalOf(type) : type;
    const environment = this.#environment.extend(
      isTransition ? { self: type, oldSelf: old } : { self: type },
    );
    const program = compiled("rule", environment, boolType, "cel expression must evaluate to a bool");
    const message = source.messageExpression
      ? compiled("messageExpression", environment, stringType, "messageExpression must evaluate to a string")
      : undefined;
    if (isTransition && program && changing)
      complain("rule", source.rule, (root) => {
        const within = String(pathBelow(root, changing));
        return `oldSelf cannot be used on the uncorrelatable portion of the schema within ${within}`;
      });
    if (source.optionalOldSelf !== undefined && program && !isTransition)
      complain(
        "optionalOldSelf",
        source.optionalOldSelf,
        () => "may not be set if oldSelf is not used in rule",
      );
    return program && { source, program, message, isTransition };
  }

  /** It compiles only where there is an `oldSelf`. */
  #needsOld(rule: string, self: CelType): boolean {
    if (!rule.includes("oldSelf")) return false;
    try {
      this.#environment.extend({ self }).compile(rule);
      return false;
    } catch (error) {
      if (error instanceof CelCompileError) return true;
      throw error;
    }
  }
}

const rootName = FieldPath.of("<nil>");

/** As upstream shows a rule that does not compile. */
function shownRule(source: ValidationRule): object {
  return {
    Rule: source.rule,
    Message: source.message ?? "",
    MessageExpression: source.messageExpression ?? "",
    Reason: source.reason ?? null,
    FieldPath: source.fieldPath ?? "",
    OptionalOldSelf: source.optionalOldSelf ?? null,
  };
}

/** Whether a part of the value can be told from others when the value changes: items by their keys, members by name. */
function keepsItsParts(schema: Schema): boolean {
  return schema.type !== "array" || schema["x-kubernetes-list-type"] === "map";
}

function hasRules(schema: Schema): boolean {
  if ((schema["x-kubernetes-validations"] ?? []).length > 0) return true;
  const inner = [...Object.values(schema.properties ?? {}), additionalOf(schema), schema.items];
  return inner.some((one) => one !== undefined && hasRules(one));
}

function pathBelow(root: FieldPath, names: readonly string[]): FieldPath {
  let path = root;
  for (const name of names) path = name.startsWith("[") ? path.at(name.slice(1, -1)) : path.child(name);
  return path;
}

interface Run {
  readonly errors: FieldErrors;
  readonly warnings: string[];
  readonly budget: CelBudget;
}

/** @param isOld what this value is in is as it was */
function visit(
  node: Node,
  value: unknown,
  old: unknown,
  at: FieldPath | undefined,
  run: Run,
  isOld: boolean,
): void {
  if (value === null || value === undefined) return;
  const isKept = isOld || (old !== undefined && deepEqual(value, old));
  for (const rule of node.rules) {
    if (!isKept || rule.isTransition) {
      evaluate(rule, node, value, old, at, run.errors, run.budget);
      continue;
    }
    const found = new FieldErrors();
    evaluate(rule, node, value, old, at, found, run.budget);
    run.warnings.push(...found.list.map(formatFieldError));
  }
  if (Array.isArray(value)) {
    const { items } = node;
    if (!items) return;
    for (const [index, item] of value.entries())
      visit(items, item, oldItemOf(node.schema, item, old), (at ?? rootName).at(index), run, isKept);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const name of Object.keys(value)) {
    const property = node.properties.get(name);
    const inner = property ?? (propertyOf(node.schema, name) ? undefined : node.additional);
    if (!inner) continue;
    const here = at ? (property ? at.child(name) : at.at(name)) : FieldPath.of(name);
    const before = isJsonObject(old) ? ownMember(old, name) : undefined;
    visit(inner, ownMember(value, name), before, here, run, isKept);
  }
}

function evaluate(
  rule: Rule,
  { type, schema }: Node,
  value: unknown,
  old: unknown,
  at: FieldPath | undefined,
  errors: FieldErrors,
  budget: CelBudget,
): void {
  const { source, program, isTransition } = rule;
  const isNew = old === undefined || old === null;
  if (isTransition && isNew && !source.optionalOldSelf) return;
  const before = isNew ? null : fromJson(old, type);
  const oldSelf = source.optionalOldSelf ? (isNew ? Optional.none : new Optional(before)) : before;
  const values = { self: fromJson(value, type), oldSelf };
  const here = at ?? rootName;
  const invalid = (path: FieldPath, detail: string): void =>
    typeof value === "object" && !isExactInteger(value)
      ? errors.invalidUnshown(path, detail)
      : errors.invalid(path, value, detail);
  try {
    if (program.evaluate(values, budget) === true) return;
  } catch (error) {
    if (error instanceof CelCostError) {
      if (error.limit === "total") throw error;
      const why = "no further validation rules will be run due to call cost exceeds limit for rule:";
      errors.invalid(here, schema.type ?? "", `${why} ${named(source)}`);
      return;
    }
    if (!(error instanceof CelRuntimeError)) throw error;
    // What cannot be told is told of the type alone.
    errors.invalid(here, schema.type ?? "", `${error.message} evaluating rule: ${named(source)}`);
    return;
  }
  const target = source.fieldPath ? memberPath(schema, source.fieldPath, at) : here;
  const message = messageOf(rule, values, budget);
  if (source.reason === "FieldValueRequired") errors.required(target, message);
  else if (source.reason === "FieldValueForbidden") errors.forbidden(target, message);
  else if (source.reason === "FieldValueDuplicate") errors.duplicate(target, value);
  else invalid(target, message);
}

/** Where a rule's `fieldPath` leads to: members of maps are told by their keys. */
function memberPath(schema: Schema, fieldPath: string, at: FieldPath | undefined): FieldPath {
  let [path, found] = [at, schema as Schema | undefined];
  for (const name of simplePath(fieldPath) ?? []) {
    const isMember = found?.properties !== undefined;
    if (isMember || !path) path = path ? path.child(name) : FieldPath.of(name);
    else path = path.at(name);
    found = found && (isMember ? propertyOf(found, name) : additionalOf(found));
  }
  return path ?? rootName;
}

const named = ({ message, rule }: ValidationRule): string => message?.trim() || rule.trim();

function messageOf({ source, message }: Rule, values: Record<string, CelValue>, budget: CelBudget): string {
  const plain = source.message?.trim() || `failed rule: ${source.rule.trim()}`;
  if (!message) return plain;
  try {
    const text = message.evaluate(values, budget);
    return typeof text === "string" && text.trim() !== "" && !text.includes("\n") ? text.trim() : plain;
  } catch (error) {
    if (error instanceof CelRuntimeError || error instanceof CelCostError) return plain;
    throw error;
  }
}
