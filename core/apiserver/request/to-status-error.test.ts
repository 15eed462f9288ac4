import { BerthError, silentLogger } from "@berth/base";
import { expect, it } from "vitest";
import { malformedObject } from "../../api/index.ts";
import { storeClosed } from "../../store/errors.ts";
import { notFound } from "./status-error.ts";
import { toStatusError } from "./to-status-error.ts";

const answer = (error: unknown): string => {
  const { code, reason, message } = toStatusError(error, silentLogger, "GET /x");
  return `${code} ${reason} ${message}`;
};

it("a refusal meant for the caller reaches him as it is", () => {
  expect(answer(notFound({ group: "apps", resource: "deployments" }, "web"))).toBe(
    '404 NotFound deployments.apps "web" not found',
  );
  expect(answer(new BerthError(malformedObject, "the body is not JSON"))).toBe(
    "400 BadRequest the body is not JSON",
  );
});

it("a trouble of the server's is told by its code and what to do, without its files", () => {
  const text = answer(new BerthError(storeClosed, "/var/lib/berth/store.db is closed"));
  expect(text).toMatch(/^503 ServiceUnavailable BERTH_STORE_CLOSED: Retry after/);
  expect(text).not.toContain("/var/lib");
});

it("a defect gives away nothing but a number to look for in the log", () => {
  expect(answer(new TypeError("cannot read x of undefined at /srv/secret.ts"))).toMatch(
    /^500 InternalError Internal error occurred: the server's log says more under [0-9a-f-]{36}$/,
  );
});
