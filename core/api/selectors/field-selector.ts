import { BerthError } from "@berth/base";
import type { JsonObject } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { malformedSelector } from "./label-selector.ts";
import { isSelectedByFields, selectableFields } from "./selectable-fields.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Holds when every requirement does. */
export type FieldSelectorQuery = readonly FieldRequirement[];

/**
 * Reads a field selector such as `metadata.name=a,spec.nodeName!=n1` for a kind.
 * @throws BerthError BERTH_API_MALFORMED_SELECTOR, also for a field the kind cannot be selected by.
 */
export function parseFieldSelector(kind: Kind, text: string): FieldSelectorQuery {
  const known = selectableFields(kind);
  return readFieldSelector(text, (field) => {
    if (!known.has(field)) fail(unsupported(kind, field), [...known.keys()]);
  });
}

/**
 * Reads a field selector of whatever kind.
 * @throws BerthError BERTH_API_MALFORMED_SELECTOR
 */
export function readFieldSelector(text: string, check?: (field: string) => void): FieldSelectorQuery {
  return splitUnescaped(text, ",")
    .filter((part) => part !== "")
    .map((part) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
      if (!match) fail(`invalid selector: '${text}'; can't understand '${part}'`);
      const [, field, operator, value] = match as unknown as [string, string, string, string];
      const wanted = unescaped(value);
      check?.(field);
      return { field, equal: operator !== "!=", value: wanted };
    });
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.?)|[,=]/gsu, (found, escaped: string | undefined) => {
    if (escaped === undefined)
      return fail(`invalid field selector: unescaped character in value: ${found.codePointAt(0)}`);
    if (!/[\\,=]/.test(escaped)) fail(`invalid field selector: invalid escape sequence: ${found}`);
    return escaped;
  });
}

/** Kinds that can be selected by their names alone say so. */
function unsupported(kind: Kind, field: string): string {
  if (isSelectedByFields(kind)) return `field label not supported: ${field}`;
  const names = '"metadata.name", "metadata.namespace"';
  return `${JSON.stringify(field)} is not a known field selector: only ${names}`;
}

function fail(why: string, supported?: readonly string[]): never {
  throw new BerthError(malformedSelector, why, supported ? { fields: { supported } } : {});
}

/** Whether an object of the kind meets a selector that {@link parseFieldSelector} read for it. */
export function matchesFields(kind: Kind, selector: FieldSelectorQuery, object: JsonObject): boolean {
  const known = selectableFields(kind);
  return selector.every(({ field, equal, value }) => (known.get(field)!(object) === value) === equal);
}

/** The one name the selector asks for, which a registry answers by a lookup; undefined when it does not pin one. */
export function selectedName(selector: FieldSelectorQuery): string | undefined {
  return selector.find(({ field, equal }) => field === "metadata.name" && equal)?.value;
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) part += text[at]! + text[++at]!;
    else if (text[at] === separator) {
      parts.push(part);
      part = "";
    } else part += text[at]!;
  }
  return [...parts, part];
}
