import { expect, test } from "vitest";
import { readPluginCalls } from "./plugin-calls.ts";

test("calls of all verbs of a plugin are added up, its median stands beside them", () => {
  const text = `# TYPE berth_plugin_calls_total counter
berth_plugin_calls_total{plugin="a",verb="x"} 2
berth_plugin_calls_total{plugin="a",verb="y"} 3
berth_plugin_calls_total{plugin="b",verb="y"} 1
berth_plugin_call_p50_ms{plugin="a"} 1.5
`;
  expect([...readPluginCalls(text)]).toEqual([
    ["a", { count: 5, p50Ms: 1.5 }],
    ["b", { count: 1, p50Ms: undefined }],
  ]);
});
