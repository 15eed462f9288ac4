import type { Bind, Call, Fold, Node, Select } from "./ast.ts";
import { Extent, extentOf, single, unbounded } from "./extent.ts";
import type { CelType } from "./types.ts";
import type { CelValue } from "./values.ts";

/** The most that an expression can cost and how large its answer can be. */
interface Estimate {
  readonly cost: number;
  readonly value: CelValue;
}

/** What running may cost at most, in the units of a {@link CelBudget}, for variables of these extents. */
export function estimateCost(root: Node, slots: readonly Extent[]): number {
  return new Estimator(slots).visit(root).cost;
}

const listCost = 10;
const mapCost = 30;
const messageCost = 40;
const stepCost = 3;

class Estimator {
  readonly #slots: CelValue[];

  constructor(slots: readonly Extent[]) {
    this.#slots = [...slots];
  }

  visit(node: Node): Estimate {
    switch (node.kind) {
      case "literal":
        return { cost: 0, value: node.value };
      case "ident":
        return this.#name(node);
      case "select":
        return this.#select(node);
      case "call":
        return this.#call(node);
      case "list": {
        const items = node.elements.map(({ value }) => this.visit(value));
        return { cost: listCost + sum(items), value: new Extent(items.length, largest(items)) };
      }
      case "map": {
        const all = node.entries.flatMap(({ key, value }) => [this.visit(key), this.visit(value)]);
        return { cost: mapCost + sum(all), value: new Extent(node.entries.length, largest(all)) };
      }
      case "message": {
        const fields = node.fields.map(({ value }) => this.visit(value));
        return { cost: messageCost + sum(fields), value: new Extent(fields.length, largest(fields)) };
      }
      case "fold":
        return this.#fold(node);
      default:
        return this.#bind(node);
    }
  }

  #name({ slot }: { readonly slot?: number }): Estimate {
    return slot === undefined
      ? { cost: 0, value: single }
      : { cost: 1, value: this.#slots[slot] ?? unbounded };
  }

  #select(node: Select): Estimate {
    if (node.slot !== undefined || node.constant !== undefined) return this.#name(node);
    const operand = this.visit(node.operand);
    const value = node.test ? single : extentOf(operand.value).get(node.field);
    return { cost: operand.cost + 1, value };
  }

  #call(node: Call): Estimate {
    const args = node.args.map((arg) => this.visit(arg));
    const before = sum(args);
    switch (node.name) {
      case "_&&_":
      case "_||_":
        return { cost: before, value: single };
      case "_?_:_": {
        const [condition, ...branches] = args;
        const dearest = Math.max(...branches.map(({ cost }) => cost));
        return { cost: condition!.cost + dearest, value: largest(branches) };
      }
      case "_[_]":
      case "_[?_]":
        return { cost: before + 1, value: extentOf(args[0]!.value).item };
      default:
    }
    const values = args.map(({ value }) => value);
    const costs = (node.overloads ?? []).map(({ cost }) => (cost ? boundOf(cost(...values)) : 1));
    return { cost: before + Math.max(1, ...costs), value: resultOf(node.type, args) };
  }

  #fold(node: Fold): Estimate {
    const range = this.visit(node.range);
    const over = extentOf(range.value);
    const isMap = node.range.type?.kind === "map";
    const element = isMap ? unbounded : over.item;
    const [first, second] = node.slots!;
    this.#slots[first!] = second === undefined ? element : isMap ? unbounded : single;
    if (second !== undefined) this.#slots[second] = over.item;
    const filter = node.filter ? this.visit(node.filter).cost : 0;
    const body = this.visit(node.body!);
    const cost = range.cost + over.size * (stepCost + filter + body.cost);
    switch (node.macro) {
      case "all":
      case "exists":
      case "exists_one":
        return { cost, value: single };
      case "filter":
      case "sortBy":
        return { cost: cost + listCost, value: over };
      default:
        return { cost: cost + mapCost, value: new Extent(over.size, extentOf(body.value)) };
    }
  }

  #bind(node: Bind): Estimate {
    const bound = this.visit(node.value);
    this.#slots[node.slot!] = bound.value;
    const body = this.visit(node.body);
    return { cost: bound.cost + 1 + body.cost, value: body.value };
  }
}

function sum(estimates: readonly Estimate[]): number {
  return estimates.reduce((total, { cost }) => total + cost, 0);
}

function largest(estimates: readonly Estimate[]): Extent {
  return estimates
    .map(({ value }) => extentOf(value))
    .reduce((most, one) => (one.deep > most.deep ? one : most), single);
}

/** What cannot be told is as dear as can be. */
function boundOf(cost: number): number {
  return Number.isNaN(cost) ? Number.MAX_SAFE_INTEGER : cost;
}

/** Functions make texts and lists out of their arguments: together they are no longer than those. */
function resultOf(type: CelType | undefined, args: readonly Estimate[]): Extent {
  const parts = args.map(({ value }) => extentOf(value));
  const size = parts.reduce((total, part) => total + part.size, 0);
  if (type?.kind === "list" || type?.kind === "map")
    return new Extent(
      size,
      parts.reduce((most, { item }) => (item.deep > most.deep ? item : most), single),
    );
  if (type?.kind === "optional" || type?.kind === "dyn") return parts[0] ?? unbounded;
  return type?.name === "string" || type?.name === "bytes" ? new Extent(size) : single;
}
