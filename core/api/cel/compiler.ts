import type { Bind, Call, ListNode, MapNode, MessageNode, Node, Select } from "./ast.ts";
import { CelRuntimeError, noSuchOverload } from "./cel-error.ts";
import { accepts, type Overload } from "./declarations.ts";
import type { Run } from "./evaluation.ts";
import { compileFold } from "./folds.ts";
import { itemAt, memberOf } from "./library/standard.ts";
import { CelMap, type CelValue, LiteralMap, type MapKey, mapKey, Optional, typeNameOf } from "./values.ts";

const listCost = 10;
const mapCost = 30;
const messageCost = 40;

/** Turns a checked expression into functions that call each other. */
export function compile(node: Node): Run {
  switch (node.kind) {
    case "literal":
      return () => node.value;
    case "ident":
      return compileName(node);
    case "select":
      return node.slot === undefined && node.constant === undefined ? compileSelect(node) : compileName(node);
    case "call":
      return compileCall(node);
    case "list":
      return compileList(node);
    case "map":
      return compileMap(node);
    case "message":
      return compileMessage(node);
    case "fold":
      return compileFold(node, compile);
    default:
      return compileBind(node);
  }
}

function compileName({ slot, constant }: { slot?: number; constant?: CelValue }): Run {
  if (slot === undefined) return () => constant!;
  return (evaluation) => {
    evaluation.spend(1);
    return evaluation.slots[slot]!;
  };
}

function compileSelect({ operand, field, optional, test }: Select): Run {
  const from = compile(operand);
  return (evaluation) => {
    const value = from(evaluation);
    evaluation.spend(1);
    const isOptional = value instanceof Optional;
    const map = isOptional ? value.value : value;
    if (map === undefined) return test ? false : Optional.none;
    if (!(map instanceof CelMap)) {
      if (optional) return Optional.none;
      throw noSuchOverload();
    }
    if (test) return map.has(field);
    const found = map.get(field);
    if (optional || isOptional) return found === undefined ? Optional.none : new Optional(found);
    if (found === undefined) throw new CelRuntimeError(`no such key: ${field}`);
    return found;
  };
}

function compileCall(node: Call): Run {
  const args = node.args.map(compile);
  switch (node.name) {
    case "_&&_":
      return logical(args, false);
    case "_||_":
      return logical(args, true);
    case "_?_:_":
      return (evaluation) => {
        const condition = args[0]!(evaluation);
        if (typeof condition !== "boolean") throw noSuchOverload();
        return (condition ? args[1] : args[2])!(evaluation);
      };
    case "_[_]":
    case "_[?_]":
      return index(args, node.name === "_[?_]");
    case "or":
    case "orValue":
      if (node.args.length === 2) return orElse(args, node.name === "orValue");
      break;
    default:
  }
  return dispatch(args, node.overloads!);
}

/** The first operand that decides does; an error counts only when no operand does. */
function logical(args: readonly Run[], deciding: boolean): Run {
  return (evaluation) => {
    let failure: unknown;
    for (const arg of args) {
      try {
        const value = arg(evaluation);
        if (value === deciding) return deciding;
        if (typeof value !== "boolean") failure ??= noSuchOverload();
      } catch (error) {
        if (!(error instanceof CelRuntimeError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !deciding;
  };
}

function index(args: readonly Run[], optional: boolean): Run {
  const [container, key] = args as [Run, Run];
  return (evaluation) => {
    const value = container(evaluation);
    const at = key(evaluation);
    evaluation.spend(1);
    const isOptional = value instanceof Optional;
    const inner = isOptional ? value.value : value;
    if (inner === undefined) return Optional.none;
    if (!optional && !isOptional) return element(inner, at);
    try {
      return new Optional(element(inner, at));
    } catch (error) {
      if (error instanceof CelRuntimeError) return Optional.none;
      throw error;
    }
  };
}

function element(container: CelValue, key: CelValue): CelValue {
  if (Array.isArray(container)) return itemAt(container, key);
  if (container instanceof CelMap) return memberOf(container, key);
  throw noSuchOverload();
}

/** The alternative is evaluated only when there is no value. */
function orElse(args: readonly Run[], unwrap: boolean): Run {
  const [receiver, other] = args as [Run, Run];
  return (evaluation) => {
    const optional = receiver(evaluation);
    evaluation.spend(1);
    if (!(optional instanceof Optional)) throw noSuchOverload();
    if (optional.value === undefined) return other(evaluation);
    return unwrap ? optional.value : optional;
  };
}

function dispatch(runs: readonly Run[], overloads: readonly Overload[]): Run {
  if (runs.length === 2) return dispatchTwo(runs[0]!, runs[1]!, overloads);
  return (evaluation) => {
    const args = runs.map((run) => run(evaluation));
    const fitting = overloads.find(({ params }) => params.every((param, at) => accepts(param, args[at]!)));
    if (!fitting) throw noSuchOverload();
    evaluation.spend(fitting.cost ? fitting.cost(...args) : 1);
    return fitting.call(...args);
  };
}

/** Operators are most of what runs: no list of arguments, and the form that fitted last is tried first. */
function dispatchTwo(first: Run, second: Run, overloads: readonly Overload[]): Run {
  const fits = ({ params }: Overload, a: CelValue, b: CelValue) =>
    accepts(params[0]!, a) && accepts(params[1]!, b);
  let last = overloads[0]!;
  return (evaluation) => {
    const a = first(evaluation);
    const b = second(evaluation);
    if (!fits(last, a, b)) {
      const fitting = overloads.find((one) => fits(one, a, b));
      if (!fitting) throw noSuchOverload();
      last = fitting;
    }
    evaluation.spend(last.cost ? last.cost(a, b) : 1);
    return last.call(a, b);
  };
}

function compileList({ elements }: ListNode): Run {
  const runs = elements.map(({ value, optional }) => ({ run: compile(value), optional }));
  return (evaluation) => {
    evaluation.spend(listCost);
    const list: CelValue[] = [];
    for (const { run, optional } of runs) {
      const value = present(run(evaluation), optional);
      if (value !== undefined) list.push(value);
    }
    return list;
  };
}

/** The value within an optional; undefined when there is none. */
function present(value: CelValue, optional: boolean): CelValue | undefined {
  if (!optional) return value;
  if (!(value instanceof Optional)) throw noSuchOverload();
  return value.value;
}

function compileMap({ entries }: MapNode): Run {
  const runs = entries.map(({ key, value, optional }) => ({
    key: compile(key),
    value: compile(value),
    optional,
  }));
  return (evaluation) => {
    evaluation.spend(mapCost);
    const map = new Map<MapKey, CelValue>();
    for (const { key, value, optional } of runs) {
      const at = key(evaluation);
      const name = mapKey(at);
      if (name === undefined) throw new CelRuntimeError(`unsupported key type: ${typeNameOf(at)}`);
      if (map.has(name)) throw new CelRuntimeError(`Failed with repeated key: ${String(name)}`);
      const member = present(value(evaluation), optional);
      if (member !== undefined) map.set(name, member);
    }
    return new LiteralMap(map);
  };
}

function compileMessage({ name, fields }: MessageNode): Run {
  const runs = fields.map((field) => ({ ...field, run: compile(field.value) }));
  return (evaluation) => {
    evaluation.spend(messageCost);
    const map = new Map<MapKey, CelValue>();
    for (const field of runs) {
      const value = present(field.run(evaluation), field.optional);
      if (value !== undefined) map.set(field.name, value);
    }
    return new LiteralMap(map, name);
  };
}

function compileBind({ macro, slot, value, body }: Bind): Run {
  const [from, to] = [compile(value), compile(body)];
  return (evaluation) => {
    const present = from(evaluation);
    evaluation.spend(1);
    if (!(present instanceof Optional)) throw noSuchOverload();
    if (present.value === undefined) return Optional.none;
    evaluation.slots[slot!] = present.value;
    const result = to(evaluation);
    return macro === "optMap" ? new Optional(result) : result;
  };
}
