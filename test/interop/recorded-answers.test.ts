import { expect, test } from "vitest";
import { startTestApiServer } from "../support/api-server.ts";
import { readAreas, readRecord } from "./answers/areas.ts";
import { compare } from "./answers/compare.ts";
import { play } from "./answers/play.ts";
import { connect } from "./answers/sender.ts";

const areas = await readAreas();

test.each(areas)(
  "$name: every answer is the one that kube-apiserver 1.36.0 gave",
  async ({ name, scenarios }) => {
    const record = readRecord(name);
    const api = await startTestApiServer();
    try {
      using sender = await connect(api.kubeconfig);
      const found: string[] = [];
      for (const scenario of scenarios.filter(({ differs }) => differs === undefined)) {
        const real = record.get(scenario.name);
        if (!real)
          throw new Error(
            `${name}: ${scenario.name} was not recorded: npm run interop:go -- kube-apiserver ${name}`,
          );
        found.push(...compare(name, scenario, real, await play(scenario, sender)));
      }
      expect(found).toEqual([]);
    } finally {
      await api.dispose();
    }
  },
);
