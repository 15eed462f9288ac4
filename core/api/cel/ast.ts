import type { Overload } from "./declarations.ts";
import type { CelType } from "./types.ts";
import type { CelValue } from "./values.ts";

/** A parsed expression. The checker notes in `type`, `overloads` and `slot` what it finds out. */
export type Node = Literal | Ident | Select | Call | ListNode | MapNode | MessageNode | Fold | Bind;

interface Base {
  /** Where messages point to. */
  readonly at: number;
  type?: CelType;
}

export interface Literal extends Base {
  readonly kind: "literal";
  readonly value: CelValue;
}

export interface Ident extends Base {
  readonly kind: "ident";
  readonly name: string;
  /** Where its value stands while evaluating; or what it always is. */
  slot?: number;
  constant?: CelValue;
}

export interface Select extends Base {
  readonly kind: "select";
  readonly operand: Node;
  readonly field: string;
  /** `.?field` */
  readonly optional: boolean;
  /** `has(operand.field)` */
  readonly test: boolean;
  /** Set when the whole chain of names is one variable or constant. */
  slot?: number;
  constant?: CelValue;
}

export interface Call extends Base {
  readonly kind: "call";
  /** Operators as cel-go names them: `_+_`, `_[_]`, `_?_:_`, `_&&_`. */
  name: string;
  target?: Node | undefined;
  readonly args: Node[];
  overloads?: readonly Overload[];
}

export interface ListNode extends Base {
  readonly kind: "list";
  readonly elements: readonly { readonly value: Node; readonly optional: boolean }[];
}

export interface MapNode extends Base {
  readonly kind: "map";
  readonly entries: readonly { readonly key: Node; readonly value: Node; readonly optional: boolean }[];
}

export interface MessageNode extends Base {
  readonly kind: "message";
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly value: Node;
    readonly optional: boolean;
    readonly at: number;
  }[];
}

/** A walk over a list or a map: `all`, `exists`, `exists_one`, `map`, `filter`, `transformList`, `transformMap`, … */
export interface Fold extends Base {
  readonly kind: "fold";
  readonly macro: FoldMacro;
  readonly range: Node;
  /** One or two names. */
  readonly variables: readonly string[];
  readonly filter?: Node | undefined;
  readonly body?: Node | undefined;
  slots?: readonly number[];
}

export type FoldMacro =
  | "all"
  | "exists"
  | "exists_one"
  | "map"
  | "filter"
  | "transformList"
  | "transformMap"
  | "transformMapEntry"
  | "sortBy";

/** What `optMap` and `optFlatMap` do with a present value. */
export interface Bind extends Base {
  readonly kind: "bind";
  readonly macro: "optMap" | "optFlatMap";
  readonly variable: string;
  readonly value: Node;
  readonly body: Node;
  slot?: number;
}
