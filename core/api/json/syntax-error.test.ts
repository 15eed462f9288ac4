import { expect, test } from "vitest";
import { syntaxError } from "./syntax-error.ts";

test.each([
  ["", "unexpected end of JSON input"],
  ["{", "unexpected end of JSON input"],
  ["text", "invalid character 'e' in literal true (expecting 'r')"],
  ["{}{}", "invalid character '{' after top-level value"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ['"\u0001"', "invalid character '\\x01' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ["-a", "invalid character 'a' in numeric literal"],
  ["1.a", "invalid character 'a' after decimal point in numeric literal"],
])("%j: %s", (text, sentence) => {
  expect(syntaxError(text)).toBe(sentence);
});
