import type { Fold } from "./ast.ts";
import { CelRuntimeError, noSuchOverload } from "./cel-error.ts";
import type { Evaluation, Run } from "./evaluation.ts";
import { sorted } from "./library/lists.ts";
import { CelMap, type CelValue, LiteralMap, type MapKey } from "./values.ts";

/** What a step around the loop costs besides its body. */
const stepCost = 3;

/** Sees one element; true ends the walk. */
type Visit = (key: MapKey, element: CelValue) => boolean;

/** Compiles the macros that walk over a list or a map. */
export function compileFold(node: Fold, compile: (node: Fold["range"]) => Run): Run {
  const range = compile(node.range);
  const body = compile(node.body!);
  const filter = node.filter && compile(node.filter);
  const [first, second] = node.slots!;
  const needsKey = second !== undefined;
  const walk = (evaluation: Evaluation, visit: Visit): CelValue => {
    const over = range(evaluation);
    const step = (key: MapKey, value: CelValue, element = value): boolean => {
      evaluation.spend(stepCost);
      evaluation.slots[first!] = second === undefined ? element : key;
      if (second !== undefined) evaluation.slots[second] = value;
      return (!filter || isTrue(filter(evaluation))) && visit(key, element);
    };
    if (Array.isArray(over)) over.some((value: CelValue, at) => step(needsKey ? BigInt(at) : 0n, value));
    else if (over instanceof CelMap) {
      for (const key of over.keys()) if (step(key, over.get(key) ?? null, key)) break;
    } else throw noSuchOverload();
    return over;
  };
  switch (node.macro) {
    case "all":
      return (evaluation) => quantified(walk, evaluation, body, false);
    case "exists":
      return (evaluation) => quantified(walk, evaluation, body, true);
    case "exists_one":
      return (evaluation) => {
        let count = 0;
        walk(evaluation, () => isTrue(body(evaluation)) && ++count > 1);
        return count === 1;
      };
    case "filter":
      return collected(walk, (evaluation, element) => (isTrue(body(evaluation)) ? element : undefined));
    case "map":
    case "transformList":
      return collected(walk, body);
    case "sortBy":
      return (evaluation) => {
        const keys: CelValue[] = [];
        const list = walk(evaluation, () => keys.push(body(evaluation)) < 0);
        return Array.isArray(list) ? sorted(list, keys) : list;
      };
    default:
      return mapped(walk, body, node.macro === "transformMapEntry");
  }
}

type Walk = (evaluation: Evaluation, visit: Visit) => CelValue;

function isTrue(value: CelValue): boolean {
  if (typeof value !== "boolean") throw noSuchOverload();
  return value;
}

/** As with `&&` and `||`, an element that decides does so whatever errors others end with. */
function quantified(walk: Walk, evaluation: Evaluation, body: Run, deciding: boolean): boolean {
  let failure: CelRuntimeError | undefined;
  let decided = false;
  walk(evaluation, () => {
    try {
      decided = isTrue(body(evaluation)) === deciding;
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      failure ??= error;
    }
    return decided;
  });
  if (!decided && failure) throw failure;
  return decided ? deciding : !deciding;
}

function collected(
  walk: Walk,
  item: (evaluation: Evaluation, element: CelValue) => CelValue | undefined,
): Run {
  return (evaluation) => {
    const list: CelValue[] = [];
    evaluation.spend(10);
    walk(evaluation, (_, element) => {
      const value = item(evaluation, element);
      if (value !== undefined) list.push(value);
      return false;
    });
    return list;
  };
}

function mapped(walk: Walk, body: Run, entries: boolean): Run {
  return (evaluation) => {
    const map = new Map<MapKey, CelValue>();
    evaluation.spend(30);
    walk(evaluation, (key) => {
      const value = body(evaluation);
      if (!entries) map.set(key, value);
      else if (value instanceof CelMap) {
        for (const name of value.keys()) {
          if (map.has(name)) throw new CelRuntimeError(`insert failed: key ${String(name)} already exists`);
          map.set(name, value.get(name)!);
        }
      } else throw noSuchOverload();
      return false;
    });
    return new LiteralMap(map);
  };
}
