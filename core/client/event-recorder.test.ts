import { describe, expect, it } from "vitest";

import { FakeClock, silentLogger } from "@berth/base";

import type { Event } from "../api/index.ts";
import { type ApiClient, ApiError, type ApiObject } from "./contracts.ts";
import { createEventRecorder } from "./event-recorder.ts";

function begin() {
  const clock = new FakeClock();
  const events = new Map<string, Event>();
  const resource = {
    create: async (event: Event): Promise<Event> => {
      events.set(event.metadata.name, event);
      return event;
    },
    patch: async (name: string, _: string, patch: Partial<Event>): Promise<Event> => {
      const known = events.get(name);
      if (!known) throw new ApiError(404, "NotFound", "gone");
      const changed = { ...known, ...patch };
      events.set(name, changed);
      return changed;
    },
  };
  const client = { resource: () => resource } as unknown as ApiClient;
  const recorder = createEventRecorder({
    client,
    clock,
    logger: silentLogger,
    component: "kubelet",
    host: "one",
  });
  const told = (): string[] => [...events.values()].map(({ count, message }) => `${count} ${message}`);
  return { clock, events, recorder, told };
}

const pod: ApiObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop", uid: "u1", resourceVersion: "7" },
};

describe("an event", () => {
  it("says about what, from where and when", async () => {
    const { clock, events, recorder } = begin();
    recorder.event(pod, "Normal", "Pulled", "image is there");
    await clock.advance(0);
    expect([...events.values()][0]).toMatchObject({
      metadata: { namespace: "shop" },
      involvedObject: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web", uid: "u1" },
      type: "Normal",
      reason: "Pulled",
      source: { component: "kubelet", host: "one" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      count: 1,
    });
  });

  it("has a name that sorts as it was told, also within one millisecond", async () => {
    const { clock, events, recorder, told } = begin();
    const order = ["Scheduled", "Pulled", "Created", "Started"];
    for (const reason of order) recorder.event(pod, "Normal", reason, reason);
    await clock.advance(0);
    expect(told()).toHaveLength(order.length);
    const names = [...events.keys()].toSorted();
    expect(names.map((name) => events.get(name)!.reason)).toEqual(order);
    expect(names[0]).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  it("is counted when it repeats within ten minutes, and told anew after that or when it was deleted", async () => {
    const { clock, events, recorder, told } = begin();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, "Warning", "BackOff", "restarting");
      await clock.advance(60_000);
    }
    recorder.event(pod, "Warning", "BackOff", "something else");
    await clock.advance(0);
    expect(told()).toEqual(["3 restarting", "1 something else"]);
    await clock.advance(600_000);
    recorder.event(pod, "Warning", "BackOff", "restarting");
    await clock.advance(0);
    expect(told()).toEqual(["3 restarting", "1 something else", "1 restarting"]);
    events.clear();
    recorder.event(pod, "Warning", "BackOff", "restarting");
    await clock.advance(0);
    expect(told()).toEqual(["1 restarting"]);
  });

  it("of a burst is counted in one, none lost", async () => {
    const { recorder, told } = begin();
    for (let i = 0; i < 50; i++) recorder.event(pod, "Warning", "BackOff", "restarting");
    await recorder.dispose();
    expect(told()).toEqual(["50 restarting"]);
  });

  it("that is too long is cut short", async () => {
    const { events, recorder } = begin();
    recorder.event(pod, "Normal", "Long", "x".repeat(5000));
    await recorder.dispose();
    expect([...events.values()][0]?.message).toHaveLength(1024);
  });
});
