import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { BerthError } from "@berth/base";
import { RpcError } from "@berth/verbs";
import { PluginError, toStatus } from "./plugin-error.ts";

const full = BerthError.define({
  code: "BERTH_TEST_FULL",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  owner: "plugin author",
  next: "Free some.",
});

it("answers each kind of error with its status and the next step", () => {
  const error = new PluginError("NOT_FOUND", "there is no volume v", "Make one.", {
    trailers: { "x-bin": Buffer.of(1) },
  });
  expect(toStatus(error)).toMatchObject({
    code: status.NOT_FOUND,
    details: "there is no volume v. Make one.",
  });
  expect(toStatus(error).metadata.get("x-bin")).toEqual([Buffer.of(1)]);
  expect(toStatus(new BerthError(full, "disk full"))).toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: "disk full. Free some.",
  });
  const inner = new RpcError("host/Attach", "UNAVAILABLE", "no network", { retryable: true });
  expect(toStatus(inner)).toMatchObject({ code: status.UNAVAILABLE, details: "host/Attach: no network" });
  expect(toStatus(new Error("boom"))).toMatchObject({ code: status.INTERNAL, details: "boom" });
});

it("answers what broke off for a deadline as late, and what broke off for anything else as cancelled", () => {
  const late = AbortSignal.abort(new PluginError("DEADLINE_EXCEEDED", "the deadline has passed", ""));
  expect(toStatus(new Error("killed"), late)).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  const gone = AbortSignal.abort(new Error("the caller gave up"));
  expect(toStatus(new Error("killed"), gone)).toMatchObject({ code: status.CANCELLED });
});
