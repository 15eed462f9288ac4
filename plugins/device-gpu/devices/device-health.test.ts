import { expect, it } from "vitest";
import { contractHealth, healthy, type Look, nextHealth } from "./device-health.ts";

const good: Look = { good: true };
const bad: Look = { good: false, evidence: "no answer", certain: false };
const lost: Look = { good: false, evidence: "lost", certain: true };

function after(...looks: Look[]) {
  return looks.reduce((health, look) => nextHealth(health, look, 2), healthy);
}

it("does not give a device up for one bad look", () => {
  expect(after(bad).state).toBe("suspect");
  expect(contractHealth(after(bad))).toBe("Healthy");
  expect(after(bad, good)).toEqual(healthy);
});

it("takes a device out after two bad looks, or at once when the driver has lost it", () => {
  expect(after(bad, bad)).toMatchObject({ state: "unhealthy", evidence: "no answer" });
  expect(after(lost)).toMatchObject({ state: "unhealthy", evidence: "lost" });
});

it("brings a device back after good looks in a row, and not before", () => {
  expect(after(lost, good).state).toBe("recovering");
  expect(contractHealth(after(lost, good))).toBe("Unhealthy");
  expect(after(lost, good, good)).toEqual(healthy);
  expect(after(lost, good, bad).state).toBe("unhealthy");
  expect(after(lost, good, bad, good).state).toBe("recovering");
});
