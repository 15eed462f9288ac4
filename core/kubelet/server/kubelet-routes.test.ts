import { describe, expect, it } from "vitest";
import { refusal, routeOf } from "./kubelet-routes.ts";
import { streamTarget } from "./stream-proxy.ts";

describe("a path of the kubelet's port", () => {
  it.each([
    ["/healthz", { kind: "healthz" }],
    ["/containerLogs/shop/web/app", { kind: "logs", namespace: "shop", pod: "web", container: "app" }],
    [
      "/exec/shop/web/uid-1/app",
      { kind: "exec", namespace: "shop", pod: "web", uid: "uid-1", container: "app" },
    ],
    [
      "/attach/shop/web/app",
      { kind: "attach", namespace: "shop", pod: "web", uid: undefined, container: "app" },
    ],
    ["/portForward/shop/web/uid-1", { kind: "portForward", namespace: "shop", pod: "web", uid: "uid-1" }],
    ["/stats/summary", { kind: "statsSummary" }],
    ["/plugins/foo/calls", { kind: "plugin", plugin: "foo", tool: "calls" }],
    ["/plugins/example.com%2Fgpu/logs", { kind: "plugin", plugin: "example.com/gpu", tool: "logs" }],
    ["/plugins/foo/shell", undefined],
    ["/run/shop/web/app", undefined],
    ["/containerLogs/shop/web", undefined],
  ])("%s", (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe("a caller of the kubelet's port", () => {
  const logs = routeOf("/containerLogs/a/b/c")!;
  const proof = { kind: "certificate", fingerprint: "f", validUntil: Number.POSITIVE_INFINITY } as const;

  it("is the API server or an administrator, proven by certificate", () => {
    expect(refusal(logs, { ...proof, user: "kube-apiserver-kubelet-client", groups: [] })).toBeUndefined();
    expect(refusal(logs, { ...proof, user: "x", groups: ["system:masters"] })).toBeUndefined();
  });

  it("is turned away otherwise, with the reason", () => {
    expect(refusal(logs, { kind: "none" })?.status).toBe(401);
    expect(refusal(logs, { kind: "refused", reason: "expired" })).toEqual({
      status: 401,
      message: "expired",
    });
    expect(refusal(logs, { ...proof, user: "system:node:two", groups: ["system:nodes"] })?.status).toBe(403);
  });

  it("may ask for health without any proof", () => {
    expect(refusal({ kind: "healthz" }, { kind: "none" })).toBeUndefined();
  });
});

describe("where a runtime streams", () => {
  it("is loopback or a Unix socket", () => {
    expect(streamTarget("http://127.0.0.1:4321/exec/T?x=1")).toMatchObject({
      connect: { host: "127.0.0.1", port: 4321 },
      path: "/exec/T?x=1",
    });
    expect(streamTarget("http://[::1]:1/a")).toMatchObject({ connect: { host: "::1", port: 1 } });
    expect(streamTarget("unix:///run/s.sock:/exec/T")).toMatchObject({
      connect: { path: "/run/s.sock" },
      path: "/exec/T",
    });
  });

  it.each(["http://192.0.2.1/exec/T", "https://127.0.0.1/exec/T", "nonsense"])(
    "is never elsewhere: %s",
    (url) => {
      expect(() => streamTarget(url)).toThrow("only loopback and Unix sockets");
    },
  );
});
