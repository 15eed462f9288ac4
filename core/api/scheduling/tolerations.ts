import type { Taint, Toleration } from "../generated/types.ts";

/** Whether a toleration covers a taint; `tolerationSeconds` is not looked at. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const operator = toleration.operator ?? "Equal";
  // Without a key only "Exists" says anything: it covers every taint.
  if (!toleration.key) return operator === "Exists";
  if (operator === "Exists") return true;
  if (operator === "Equal") return (toleration.value ?? "") === (taint.value ?? "");
  const difference = Number(taint.value) - Number(toleration.value);
  return operator === "Gt" ? difference > 0 : difference < 0;
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
