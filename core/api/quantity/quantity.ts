/**
 * Resource quantities: `500m`, `1Gi`, `2e3`. An amount is a whole number of nano-units, so that sums are exact; anything finer
 * is rounded up to the next nano-unit.
 */
export interface Quantity {
  readonly nanos: bigint;
  readonly form: "decimalSI" | "binarySI" | "decimalExponent";
}

const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;
const nano = 1_000_000_000n;
const decimalSteps = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySteps = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const largestExponent = 27;

/** The rule a quantity breaks, as kubectl users know it. */
export const quantityRule =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Takes a quantity apart, or undefined when the text is none. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, digits, suffix = "", exponentText] = match as unknown as [
    string,
    string,
    string,
    string?,
    string?,
  ];
  const exponent = Number(exponentText ?? 0);
  if (Math.abs(exponent) > largestExponent) return undefined;
  const [whole = "", fraction = ""] = digits.split(".");
  const isBinary = suffix.endsWith("i");
  const scale = isBinary ? 1024n ** BigInt(binarySteps.indexOf(suffix)) : 1n;
  const power = 9 + (isBinary ? 0 : (decimalSteps.indexOf(suffix) - 3) * 3) + exponent - fraction.length;
  const magnitude = shiftRoundingUp(BigInt(whole + fraction) * scale, power);
  return {
    nanos: sign === "-" ? -magnitude : magnitude,
    form: exponentText === undefined ? (isBinary ? "binarySI" : "decimalSI") : "decimalExponent",
  };
}

/** Shortest form without a fraction: `0.5` is `500m`, `1024Mi` is `1Gi`, `1000m` is `1`. */
export function formatQuantity({ nanos, form }: Quantity): string {
  if (nanos === 0n) return "0";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (form === "binarySI" && magnitude % nano === 0n && magnitude >= 1024n * nano) {
    let units = magnitude / nano;
    let step = 0;
    while (units % 1024n === 0n && step < binarySteps.length - 1) {
      units /= 1024n;
      step++;
    }
    return `${sign}${units}${binarySteps[step]!}`;
  }
  let amount = magnitude;
  let step = 0;
  while (amount % 1000n === 0n && step < decimalSteps.length - 1) {
    amount /= 1000n;
    step++;
  }
  if (form !== "decimalExponent") return `${sign}${amount}${decimalSteps[step]!}`;
  const exponent = step * 3 - 9;
  return `${sign}${amount}${exponent === 0 ? "" : `e${exponent}`}`;
}

const alreadyCanonical = /^(?:0|[1-9]\d{0,2}(?:m|k|M|G|[KMGT]i)?)$/;

/** The canonical text of a quantity, or undefined when the text is none. */
export function canonicalQuantity(text: string): string | undefined {
  if (alreadyCanonical.test(text)) return text;
  const quantity = parseQuantity(text);
  return quantity && formatQuantity(quantity);
}

/** Below, at or above zero as `a` is less than, equal to or more than `b`; both must be quantities. */
export function compareQuantities(a: string, b: string): number {
  const difference = nanosOf(a) - nanosOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum in canonical form; the form of the first that is not zero is kept. */
export function addQuantities(a: string, b: string): string {
  const [first, second] = [quantityOf(a), quantityOf(b)];
  return formatQuantity({
    nanos: first.nanos + second.nanos,
    form: (first.nanos === 0n ? second : first).form,
  });
}

export function subtractQuantities(a: string, b: string): string {
  const [first, second] = [quantityOf(a), quantityOf(b)];
  return formatQuantity({
    nanos: first.nanos - second.nanos,
    form: (first.nanos === 0n ? second : first).form,
  });
}

/** Whole units, rounded up: bytes of `1Ki`, processors of `1500m` (2). */
export function quantityValue(text: string): number {
  return Number(divideUp(nanosOf(text), nano));
}

/** Thousandths, rounded up: `1500` of `1.5`. */
export function quantityMilliValue(text: string): number {
  return Number(divideUp(nanosOf(text), 1_000_000n));
}

/** The canonical text of the amount in whole thousandths, rounded up. */
export function roundedToMilli(text: string): string {
  const { nanos, form } = quantityOf(text);
  return formatQuantity({ nanos: divideUp(nanos, 1_000_000n) * 1_000_000n, form });
}

function quantityOf(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (!quantity) throw new RangeError(`${JSON.stringify(text)} is not a quantity: ${quantityRule}`);
  return quantity;
}

const nanosOf = (text: string): bigint => quantityOf(text).nanos;

function shiftRoundingUp(value: bigint, power: number): bigint {
  return power >= 0 ? value * 10n ** BigInt(power) : divideUp(value, 10n ** BigInt(-power));
}

function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value > 0n && value % divisor !== 0n ? quotient + 1n : quotient;
}
