declare const provides: unique symbol;

/** Names a part of type T without naming its class. A module casts it to its container's identifier type. */
export type Token<T> = symbol & { readonly [provides]: T };

/** Tokens of the same name are the same token, also across bundles of one process. */
export function createToken<T>(name: string): Token<T> {
  return Symbol.for(`berth:${name}`) as Token<T>;
}
