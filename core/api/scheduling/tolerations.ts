import type { Taint, Toleration } from "../generated/types.ts";

/** Whether a toleration covers a taint; `tolerationSeconds` is not looked at. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const operator = toleration.operator ?? "Equal";
  // Without a key only "Exists" says anything: it covers every taint.
  if (!toleration.key) return operator === "Exists";
  switch (operator) {
    case "Exists":
      return true;
    case "Equal":
      return (toleration.value ?? "") === (taint.value ?? "");
    case "Gt":
      return Number(taint.value) > Number(toleration.value);
    case "Lt":
      return Number(taint.value) < Number(toleration.value);
  }
}

/** The first taint of one of the effects that none of the tolerations covers. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Taint["effect"][],
): Taint | undefined {
  return taints?.find(
    (taint) =>
      effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
}
