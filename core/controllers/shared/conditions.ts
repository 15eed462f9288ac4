import { deepEqual, formatTime } from "../../api/index.ts";

interface AnyCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/**
 * The list with one condition set; its transition time moves only when its status does. The same list comes back when
 * nothing changes.
 */
export function withCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  condition: C,
  now: number,
): readonly C[] {
  const list = conditions ?? [];
  const known = list.find(({ type }) => type === condition.type);
  const isSame =
    known?.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message;
  if (isSame) return list;
  const since = known?.status === condition.status ? known.lastTransitionTime : undefined;
  const changed = { ...condition, lastTransitionTime: since ?? formatTime(now) };
  return known ? list.map((one) => (one === known ? changed : one)) : [...list, changed];
}

export function withoutCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  type: string,
): readonly C[] {
  const list = conditions ?? [];
  return list.some((one) => one.type === type) ? list.filter((one) => one.type !== type) : list;
}

/** Whether two statuses say the same: a count of zero may be left out, and so may an empty list. */
export function sameStatus(a: object | undefined, b: object | undefined): boolean {
  return deepEqual(withoutEmpty(a), withoutEmpty(b));
}

function withoutEmpty(status: object | undefined): object {
  const entries = Object.entries(status ?? {}) as [string, unknown][];
  return Object.fromEntries(
    entries.filter(([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0)),
  );
}
