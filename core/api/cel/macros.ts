import type { Call, Fold, FoldMacro, Ident, Node } from "./ast.ts";

const oneVariable: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "filter", "sortBy"]);
const twoVariables: ReadonlySet<string> = new Set([
  "all",
  "exists",
  "existsOne",
  "transformList",
  "transformMap",
  "transformMapEntry",
]);

/** What a call stands for when it is a macro; a sentence when it is one used wrongly; undefined when it is none. */
export function expandMacro(call: Call): Node | string | undefined {
  const { name, target, args, at } = call;
  if (!target) {
    if (name !== "has" || args.length !== 1) return undefined;
    const [tested] = args as [Node];
    if (tested.kind !== "select" || tested.test) return "invalid argument to has() macro";
    return { ...tested, test: true, at };
  }
  if ((name === "optMap" || name === "optFlatMap") && args.length === 2)
    return bind(call, name, args[0]!, target, args[1]!);
  return expandFold(name, target, args, at);
}

function bind(
  { at }: Call,
  macro: "optMap" | "optFlatMap",
  variable: Node,
  value: Node,
  body: Node,
): Node | string {
  if (!isIdent(variable)) return `${macro}() variable name must be a simple identifier`;
  return { kind: "bind", macro, variable: variable.name, value, body, at };
}

function expandFold(name: string, range: Node, args: readonly Node[], at: number): Node | string | undefined {
  const make = (macro: FoldMacro, variables: Node[], body?: Node, filter?: Node): Fold | string => {
    if (!variables.every(isIdent)) return "argument must be a simple name";
    const names = variables.map((one) => one.name);
    if (new Set(names).size < names.length) return `duplicate variable name: ${names[0]!}`;
    return { kind: "fold", macro, range, variables: names, body, filter, at };
  };
  const [first, second, third, fourth] = args as [Node, Node, Node, Node];
  const macro = (name === "existsOne" ? "exists_one" : name) as FoldMacro;
  if (args.length === 2) {
    if (name === "map") return make("map", [first], second);
    return oneVariable.has(name) ? make(macro, [first], second) : undefined;
  }
  if (args.length === 3) {
    if (name === "map") return make("map", [first], third, second);
    return twoVariables.has(name) ? make(macro, [first, second], third) : undefined;
  }
  if (args.length === 4 && name.startsWith("transform") && twoVariables.has(name))
    return make(macro, [first, second], fourth, third);
  return undefined;
}

function isIdent(node: Node): node is Ident {
  return node.kind === "ident";
}
