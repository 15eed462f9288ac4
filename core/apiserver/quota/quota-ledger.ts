import {
  addQuantities,
  addUsage,
  compareQuantities,
  type JsonObject,
  kinds,
  quotaSubjects,
  type QuotaSubject,
  isInQuotaScope,
  ownMember,
  subtractQuantities,
  type Usage,
  usageOf,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";

const quotaKind = kinds.byKind("", "v1", "ResourceQuota")!;
/** Tries against others who write the same quota. */
const attempts = 16;

type Amounts = Readonly<Record<string, string>>;

export interface QuotaObject extends Draft {
  spec: { hard?: Amounts; scopes?: never[]; scopeSelector?: never } & JsonObject;
  status?: { hard?: Amounts; used?: Amounts } & JsonObject;
}

/** What one write changes; negative amounts give back. */
export interface Entry {
  /** Of this quota's hard amounts. */
  deltaFor(quota: QuotaObject): Usage;
  /** A refusal that holds whatever is used; "" when there is none. */
  complaint?(quota: QuotaObject): string;
  /** Give-backs are entered whatever the limits say. */
  readonly enforce: boolean;
  /** For rehearsals: nothing is written. */
  readonly dryRun: boolean;
}

/** A quota says no; the sentence is for the caller. */
export class QuotaExceeded extends Error {}

interface Written {
  readonly written: boolean;
  /** What stands there instead. */
  readonly object?: CachedObject | undefined;
}

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Books what is used, in `status.used` of the quotas themselves, before anything is stored. One namespace's entries are made one
 * group after another, each group with one compare-and-swap a quota, so neither others in this server nor another server on the
 * same store can take the same room twice.
 */
export class QuotaLedger {
  readonly #objects: ObjectStore;
  readonly #quotas: KindCache;
  readonly #queues = new Map<string, Waiting[]>();
  /** Entries whose object is not stored yet, by namespace. */
  readonly #open = new Map<string, number>();

  constructor(objects: ObjectStore) {
    this.#objects = objects;
    this.#quotas = objects.kindCache(quotaKind);
  }

  hasQuota(namespace: string): boolean {
    return namespace !== "" && this.#quotas.count(namespace) > 0;
  }

  /** @throws QuotaExceeded when an entry that is enforced does not fit */
  async enter(namespace: string, entry: Entry): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiting = { entry, resolve, reject };
      const queue = this.#queues.get(namespace);
      if (queue) {
        queue.push(waiting);
        return;
      }
      this.#queues.set(namespace, [waiting]);
      void this.#work(namespace);
    });
  }

  begun(namespace: string): void {
    this.#open.set(namespace, (this.#open.get(namespace) ?? 0) + 1);
  }

  ended(namespace: string): void {
    const left = (this.#open.get(namespace) ?? 1) - 1;
    if (left > 0) this.#open.set(namespace, left);
    else this.#open.delete(namespace);
  }

  /** Nothing is on its way between an entry and its object. */
  isQuiet(namespace: string): boolean {
    return !this.#open.has(namespace) && !this.#queues.has(namespace);
  }

  async #work(namespace: string): Promise<void> {
    for (;;) {
      const queue = this.#queues.get(namespace)!;
      if (queue.length === 0) break;
      const group = queue.splice(0);
      try {
        await this.#book(namespace, group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#queues.delete(namespace);
  }

  async #book(namespace: string, group: readonly Waiting[]): Promise<void> {
    const refused = new Set<Waiting>();
    const quotas = [...this.#quotas.objects(namespace)];
    const written: { quota: CachedObject; taken: ReadonlyMap<Waiting, Usage> }[] = [];
    for (const quota of quotas) {
      const taken = await this.#bookOne(quota, group, refused);
      written.push({ quota, taken });
    }
    // What one quota has let through and a later one refused is given back.
    for (const { quota, taken } of written) {
      const back = [...taken].filter(([waiting]) => refused.has(waiting)).map(([, usage]) => usage);
      if (back.length > 0) await this.#giveBack(quota, back);
    }
    for (const waiting of group) if (!refused.has(waiting)) waiting.resolve();
  }

  async #bookOne(
    quota: CachedObject,
    group: readonly Waiting[],
    refused: Set<Waiting>,
  ): Promise<ReadonlyMap<Waiting, Usage>> {
    let current: CachedObject | undefined = quota;
    for (let attempt = 1; attempt <= attempts && current; attempt++) {
      const object: QuotaObject = current.copy<QuotaObject>();
      const used = this.usedOf(object);
      const taken = new Map<Waiting, Usage>();
      const complaints = new Map<Waiting, string>();
      for (const waiting of group) {
        if (refused.has(waiting)) continue;
        const { entry } = waiting;
        const delta = entry.deltaFor(object);
        const why = entry.complaint?.(object) || (entry.enforce ? excess(object, used, delta) : "");
        if (why !== "") complaints.set(waiting, why);
        else if (!entry.dryRun && delta.size > 0) {
          taken.set(waiting, delta);
          book(used, delta);
        }
      }
      const outcome: Written =
        taken.size === 0 ? { written: true } : await this.#write(object, current, used);
      if (outcome.written) {
        for (const [waiting, why] of complaints) {
          refused.add(waiting);
          waiting.reject(new QuotaExceeded(why));
        }
        return taken;
      }
      current = outcome.object;
    }
    if (current) throw new Error(`quota ${quota.name} is being changed by many at once`);
    return new Map();
  }

  async #giveBack(quota: CachedObject, usages: readonly Usage[]): Promise<void> {
    let current = await this.#objects.read(quotaKind, quota.namespace, quota.name);
    for (let attempt = 1; attempt <= attempts && current; attempt++) {
      const object = current.copy<QuotaObject>();
      const used = this.usedOf(object);
      for (const usage of usages) book(used, negated(usage));
      const outcome = await this.#write(object, current, used);
      if (outcome.written) return;
      current = outcome.object;
    }
  }

  async #write(object: QuotaObject, current: CachedObject, used: Usage): Promise<Written> {
    object.status = { ...object.status, hard: { ...object.spec.hard }, used: Object.fromEntries(used) };
    return await this.#objects.update(quotaKind, object, current);
  }

  /** As the quota says; what it does not say yet is counted. */
  usedOf({ metadata, spec, status }: QuotaObject): Usage {
    const used: Usage = new Map();
    const hard = Object.keys(spec.hard ?? {});
    let counted: Usage | undefined;
    for (const name of hard) {
      const known = ownMember(status?.hard, name) === undefined ? undefined : ownMember(status?.used, name);
      counted ??= known === undefined ? this.count(metadata.namespace ?? "", spec) : undefined;
      used.set(name, known ?? counted?.get(name) ?? "0");
    }
    return used;
  }

  /** What lies in the namespace now, by the cache. */
  count(namespace: string, spec: QuotaObject["spec"]): Usage {
    const hard = Object.keys(spec.hard ?? {});
    const total: Usage = new Map(hard.map((name) => [name, "0"]));
    for (const subject of quotaSubjects(hard)) {
      const prefix = `/${subject.group === "" ? "core" : subject.group}/${subject.resource}/`;
      for (const cached of this.#objects.cache.kind(prefix).objects(namespace)) {
        const object = cached.object<Draft>();
        if (isInQuotaScope(spec, subject, object)) addUsage(total, within(usageOf(subject, object), hard));
      }
    }
    return total;
  }

  /** A new or changed quota tells from the beginning what is used. */
  async begin(namespace: string, name: string): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const quota = await this.#objects.read(quotaKind, namespace, name);
      if (!quota || (await this.correct(quota))) return;
    }
  }

  /** Brings a quota's status to what is counted. @returns whether it is there now */
  async correct(quota: CachedObject): Promise<boolean> {
    const object = quota.copy<QuotaObject>();
    const used = this.count(quota.namespace, object.spec);
    const { hard, used: before = {} } = object.status ?? {};
    const same = hard !== undefined && JSON.stringify(hard) === JSON.stringify(object.spec.hard ?? {});
    if (
      same &&
      [...used].every(([name, amount]) => compareQuantities(ownMember(before, name) ?? "-1", amount) === 0)
    )
      return true;
    return (await this.#write(object, quota, used)).written;
  }

  quotas(): Iterable<CachedObject> {
    return this.#quotas.objects();
  }
}

/** What an object uses of the amounts that a quota bounds; nothing when it is out of the quota's scope. */
export function usageUnder({ spec }: QuotaObject, subject: QuotaSubject, object: Draft | undefined): Usage {
  if (!object || !isInQuotaScope(spec, subject, object)) return new Map();
  return within(usageOf(subject, object), Object.keys(spec.hard ?? {}));
}

function within(usage: Usage, names: readonly string[]): Usage {
  return new Map([...usage].filter(([name]) => names.includes(name)));
}

export function negated(usage: Usage): Usage {
  return new Map([...usage].map(([name, amount]) => [name, subtractQuantities("0", amount)]));
}

function book(used: Usage, delta: Usage): void {
  for (const [name, amount] of delta) {
    const sum = addQuantities(used.get(name) ?? "0", amount);
    used.set(name, compareQuantities(sum, "0") < 0 ? "0" : sum);
  }
}

/** `exceeded quota: NAME, requested: pods=1, used: pods=2, limited: pods=2`; "" when everything fits. */
function excess({ metadata, spec }: QuotaObject, used: Usage, delta: Usage): string {
  const over = [...delta.keys()].toSorted().filter((name) => {
    const amount = delta.get(name)!;
    if (compareQuantities(amount, "0") <= 0) return false;
    return compareQuantities(addQuantities(used.get(name) ?? "0", amount), spec.hard![name]!) > 0;
  });
  if (over.length === 0) return "";
  const list = (of: (name: string) => string): string => over.map((name) => `${name}=${of(name)}`).join(",");
  const [requested, taken] = [list((name) => delta.get(name)!), list((name) => used.get(name) ?? "0")];
  return `exceeded quota: ${metadata.name}, requested: ${requested}, used: ${taken}, limited: ${list((name) => spec.hard![name]!)}`;
}
