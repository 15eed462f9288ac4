import { type Clock, errorMessage, inPlainWords, type Logger } from "@berth/base";

import type { Event } from "../api/index.ts";
import {
  type ApiClient,
  ApiError,
  type EventRecorder,
  type EventSubject,
  type ResourceName,
} from "./contracts.ts";

/** How long an equal event counts as a repetition. */
const repeatMs = 10 * 60_000;
const rememberedEvents = 4096;
const waitingEvents = 1000;

const events: ResourceName = { group: "", version: "v1", resource: "events", namespaced: true };

export interface EventRecorderOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `kubelet`, `default-scheduler`: shown in the FROM column. */
  readonly component: string;
  /** The node it speaks from, if any. */
  readonly host?: string;
}

/** Writes one event after the other, so that a repetition finds what it repeats. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

interface Said {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Remembered {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastAt: number;
}

class Recorder implements EventRecorder {
  readonly label: string;
  readonly #options: EventRecorderOptions;
  readonly #remembered = new Map<string, Remembered>();
  #waiting = 0;
  #lastMoment = 0n;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.label = `events of ${options.component}`;
    this.#options = options;
  }

  event(about: EventSubject, type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#waiting >= waitingEvents) {
      this.#options.logger.warn("an event was dropped: too many are waiting", { reason, message });
      return;
    }
    this.#waiting++;
    const at = this.#options.clock.now();
    this.#tail = this.#inTurn(this.#tail, about, { type, reason, message, at });
  }

  async dispose(): Promise<void> {
    await this.#tail;
  }

  async #inTurn(before: Promise<void>, about: EventSubject, said: Said): Promise<void> {
    await before;
    try {
      await this.#write(about, said);
    } catch (error) {
      // Without its namespace or its permission an event has no place; what it says goes to the log instead.
      this.#options.logger.warn(`event ${said.reason} could not be written`, {
        message: said.message,
        cause: errorMessage(error),
      });
    } finally {
      this.#waiting--;
    }
  }

  async #write(about: EventSubject, said: Said): Promise<void> {
    const { type, reason, at } = said;
    const words = inPlainWords(said.message);
    const text = words.length > 1024 ? `${words.slice(0, 1023)}…` : words;
    const key = [about.metadata?.uid ?? about.metadata?.name, about.fieldPath, type, reason, text].join("\n");
    const known = this.#remembered.get(key);
    if (known && at - known.lastAt < repeatMs && (await this.#repeat(known, at))) return;
    const created = await this.#create(about, { ...said, message: text });
    this.#remembered.delete(key);
    this.#remembered.set(key, created);
    if (this.#remembered.size > rememberedEvents) {
      this.#remembered.delete(this.#remembered.keys().next().value!);
    }
  }

  /** False when the event has been deleted meanwhile. */
  async #repeat(known: Remembered, at: number): Promise<boolean> {
    const change = { count: known.count + 1, lastTimestamp: timestamp(at) };
    try {
      await this.#resource().patch(known.name, "merge", change, { namespace: known.namespace });
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return false;
      throw error;
    }
    known.count++;
    known.lastAt = at;
    return true;
  }

  async #create(about: EventSubject, { type, reason, message, at }: Said): Promise<Remembered> {
    const { component, host } = this.#options;
    const { name = "", uid, resourceVersion } = about.metadata ?? {};
    const namespace = about.metadata?.namespace ?? "default";
    const time = timestamp(at);
    // What is cut off must not end in what no part of a name ends in.
    const stem = name.slice(0, 200).replace(/[-.]+$/, "");
    const created = await this.#resource().create(
      {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: `${stem}.${this.#moment(at)}`, namespace },
        involvedObject: {
          name,
          ...(about.apiVersion && { apiVersion: about.apiVersion }),
          ...(about.kind && { kind: about.kind }),
          ...(about.metadata?.namespace && { namespace }),
          ...(uid && { uid }),
          ...(resourceVersion && { resourceVersion }),
          ...(about.fieldPath && { fieldPath: about.fieldPath }),
        },
        type,
        reason,
        message,
        source: { component, ...(host && { host }) },
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        reportingComponent: component,
        reportingInstance: host ?? component,
      },
      { namespace },
    );
    return { name: created.metadata.name, namespace, count: 1, lastAt: at };
  }

  /**
   * Nanoseconds in hexadecimal digits, each moment once and later than the one before: kubectl lists what was said within a
   * second in the order of names. The clock has milliseconds; the rest keeps names of two recorders apart.
   */
  #moment(at: number): string {
    const moment = BigInt(Math.floor(at)) * 1_000_000n + BigInt(Math.floor(Math.random() * 900_000));
    this.#lastMoment = moment > this.#lastMoment ? moment : this.#lastMoment + 1n;
    return this.#lastMoment.toString(16);
  }

  #resource() {
    return this.#options.client.resource<Event>(events);
  }
}

function timestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
