import { describe, expect, test } from "vitest";
import { signalNumber } from "./container/signals.ts";
import { parseChallenge } from "./images/auth-challenge.ts";
import { registryUrl } from "./images/registry-client.ts";
import { containerId, sandboxId } from "./records.ts";
import { renderHosts } from "./sandbox/sandbox-files.ts";
import { parseNetDev, workingSetBytes } from "./usage.ts";

describe("ids", () => {
  const metadata = { name: "web", uid: "u", namespace: "default", attempt: 0 };

  test("the same names give the same id, another attempt another one", () => {
    expect(sandboxId(metadata)).toBe(sandboxId({ ...metadata }));
    expect(sandboxId({ ...metadata, attempt: 1 })).not.toBe(sandboxId(metadata));
    expect(containerId("s", { name: "a", attempt: 0 })).not.toBe(containerId("s", { name: "a", attempt: 1 }));
  });

  test("names that would join to the same text do not meet", () => {
    expect(sandboxId({ ...metadata, name: "ab", namespace: "c" })).not.toBe(
      sandboxId({ ...metadata, name: "b", namespace: "ca" }),
    );
  });
});

test.each([
  ["SIGTERM", 15],
  ["TERM", 15],
  ["9", 9],
  ["SIGNAL_SIGUSR1", 10],
  ["SIGRTMIN+3", 37],
  ["SIGRTMINPLUS3", 37],
  ["SIGRTMAXMINUS2", 62],
  ["nonsense", 15],
])("signal %s is %i", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

test("a registry's challenge is read, whatever its case and spacing", () => {
  expect(parseChallenge('Bearer realm="https://a/t", service="s",scope="repository:x:pull"')).toEqual({
    scheme: "bearer",
    realm: "https://a/t",
    service: "s",
    scope: "repository:x:pull",
  });
  expect(parseChallenge('basic realm="x"')).toEqual({ scheme: "basic" });
  expect(parseChallenge("Negotiate")).toBeUndefined();
});

test("only a registry on the machine itself is spoken to without TLS", () => {
  expect(registryUrl("localhost:5000")).toBe("http://localhost:5000");
  expect(registryUrl("127.0.0.1:5000")).toBe("http://127.0.0.1:5000");
  expect(registryUrl("127.0.0.1.example")).toBe("https://127.0.0.1.example");
});

test("the counters of a pod's interfaces leave out its loopback", () => {
  const line = (name: string): string =>
    `  ${name}: ${Array.from({ length: 16 }, (_, index) => index).join(" ")}`;
  const [eth0, ...rest] = parseNetDev(`a\nb\n${line("lo")}\n${line("eth0")}\n`);
  expect(rest).toEqual([]);
  expect(eth0).toMatchObject({ name: "eth0", rx_bytes: { value: "0" }, tx_bytes: { value: "8" } });
});

test("cache that can be dropped is not part of the working set", () => {
  expect(workingSetBytes(100, "inactive_file 7\ntotal_inactive_file 30\n")).toBe(93);
  expect(workingSetBytes(10, "")).toBe(10);
});

test("a pod finds itself and localhost in its hosts file", () => {
  expect(renderHosts("web", ["10.0.0.2"])).toMatch(/127\.0\.0\.1\tlocalhost\n[^]*10\.0\.0\.2\tweb\n$/);
});
