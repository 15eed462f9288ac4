import { InvalidArgumentError } from "commander";

/** The value of an option that is a whole number, for commander. */
export function optionNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
