import { parseQuantity, type Quantity } from "../../quantity/quantity.ts";
import { CelRuntimeError } from "../cel-error.ts";
import { global, member, type Overload, traversal } from "../declarations.ts";
import { Opaque, toInt } from "../values.ts";

const unit = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly celType = "kubernetes.Quantity";
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  equals(other: QuantityValue): boolean {
    return this.nanos === other.nanos;
  }
}

/** Kubernetes' `quantity("1.5Gi")`. */
export function quantityLibrary(): Overload[] {
  const sign = (value: bigint) => (value < 0n ? -1n : value > 0n ? 1n : 0n);
  const isInteger = ({ nanos }: QuantityValue) => nanos % unit === 0n;
  const compare = (a: QuantityValue, b: QuantityValue) => sign(a.nanos - b.nanos);
  return [
    global("isQuantity(string): bool", (text: string) => parseQuantity(text) !== undefined, traversal()),
    global(
      "quantity(string): kubernetes.Quantity",
      (text: string) => {
        const parsed: Quantity | undefined = parseQuantity(text);
        if (!parsed)
          throw new CelRuntimeError(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
          );
        return new QuantityValue(parsed.nanos);
      },
      traversal(),
    ),
    member("kubernetes.Quantity.sign(): int", ({ nanos }: QuantityValue) => sign(nanos)),
    member("kubernetes.Quantity.isInteger(): bool", isInteger),
    member("kubernetes.Quantity.asInteger(): int", (value: QuantityValue) => {
      if (!isInteger(value)) throw new CelRuntimeError("cannot convert value to integer");
      return toInt(value.nanos / unit);
    }),
    member(
      "kubernetes.Quantity.asApproximateFloat(): double",
      ({ nanos }: QuantityValue) => Number(nanos) / 1e9,
    ),
    member(
      "kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity",
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.nanos + b.nanos),
    ),
    member(
      "kubernetes.Quantity.add(int): kubernetes.Quantity",
      (a: QuantityValue, b: bigint) => new QuantityValue(a.nanos + b * unit),
    ),
    member(
      "kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity",
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.nanos - b.nanos),
    ),
    member(
      "kubernetes.Quantity.sub(int): kubernetes.Quantity",
      (a: QuantityValue, b: bigint) => new QuantityValue(a.nanos - b * unit),
    ),
    member("kubernetes.Quantity.compareTo(kubernetes.Quantity): int", compare),
    member(
      "kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool",
      (a: QuantityValue, b: QuantityValue) => a.nanos > b.nanos,
    ),
    member(
      "kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool",
      (a: QuantityValue, b: QuantityValue) => a.nanos < b.nanos,
    ),
  ];
}
