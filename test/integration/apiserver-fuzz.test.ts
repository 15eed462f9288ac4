import { expect, test } from "vitest";
import { fuzz } from "../fuzz/fuzz-run.ts";

const seconds = 120;

test(
  "two minutes of requests nobody should send: no server error, no crash, every refusal a proper Status",
  { timeout: (seconds + 180) * 1000 },
  async () => {
    const faults: string[] = [];
    const outcome = await fuzz({ seconds, seed: 7, report: (line) => faults.push(line) });
    expect(faults).toEqual([]);
    expect(outcome).toMatchObject({ serverErrors: 0, crashes: 0 });
    expect(outcome.requests).toBeGreaterThan(1000);
  },
);
