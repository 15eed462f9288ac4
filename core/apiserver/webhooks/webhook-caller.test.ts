import { describe, expect, test } from "vitest";
import { silentLogger } from "@berth/base";
import { kinds } from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { Hook, type WebhookSettings } from "./hooks.ts";
import { WebhookCaller } from "./webhook-caller.ts";
import type { WebhookCall, WebhookClient } from "./webhook-client.ts";

const request = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: "CREATE",
  kind: kinds.byKind("", "v1", "Pod")!,
  ...{ subresource: "", namespace: "d", name: "x", user: { name: "ann", groups: [] } },
  dryRun: false,
  warnings: [],
  ...more,
});

/** What becomes of a request when a webhook answers so; `answer` is told the uid it was asked under. */
function asking(
  answer: (uid: string) => object,
  settings: Partial<WebhookSettings> = {},
  asked = request(),
): Promise<unknown> {
  const post = ({ body }: WebhookCall): Promise<unknown> =>
    Promise.resolve(answer((body as { request: { uid: string } }).request.uid));
  const caller = new WebhookCaller({ post } as unknown as WebhookClient, silentLogger);
  const hook = new Hook({ name: "a.example.com", clientConfig: {}, sideEffects: "None", ...settings }, "c");
  return caller.ask(hook, asked);
}

const review = (response: object) => (uid: string) => ({
  kind: "AdmissionReview",
  apiVersion: "admission.k8s.io/v1",
  response: { uid, ...response },
});

describe("a webhook", () => {
  test("lets pass by saying so, and by nothing else", async () => {
    await expect(asking(review({ allowed: true }))).resolves.toEqual({});
    for (const response of [{ allowed: false }, {}, { allowed: "true" }, { allowed: 1 }])
      await expect(asking(review(response)), JSON.stringify(response)).rejects.toMatchObject({ code: 400 });
  });

  test("refuses with a code of its own, never with one of success", async () => {
    const codeOf = (code: unknown): Promise<unknown> =>
      asking(review({ allowed: false, status: { code, message: "no" } })).catch((error: unknown) => error);
    const message = 'admission webhook "a.example.com" denied the request: no';
    expect(await codeOf(422)).toMatchObject({ code: 422, message });
    for (const code of [200, 302, 399, 600, "500", undefined])
      expect(await codeOf(code), String(code)).toMatchObject({ code: 400 });
  });

  test.each<[string, (uid: string) => object]>([
    ["to another request", () => review({ allowed: true })("another")],
    ["that is no review", (uid) => ({ response: { uid, allowed: true } })],
    [
      "of another version",
      (uid) => ({ ...review({ allowed: true })(uid), apiVersion: "admission.k8s.io/v1beta1" }),
    ],
    ["without a response", () => ({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1" })],
    ["with a patch of no known type", review({ allowed: true, patch: "W10=" })],
  ])("whose answer is one %s has failed, and that is a refusal unless it may fail", async (_, answer) => {
    await expect(asking(answer)).rejects.toMatchObject({ code: 500 });
    await expect(asking(answer, { failurePolicy: "Fail" })).rejects.toMatchObject({ code: 500 });
    await expect(asking(answer, { failurePolicy: "Ignore" })).resolves.toBeUndefined();
  });

  test("that does something besides is not asked about a rehearsal", async () => {
    const rehearsal = request({ dryRun: true });
    for (const sideEffects of ["None", "NoneOnDryRun"])
      await expect(asking(review({ allowed: true }), { sideEffects }, rehearsal)).resolves.toEqual({});
    for (const sideEffects of ["Some", "Unknown"])
      await expect(asking(review({ allowed: true }), { sideEffects }, rehearsal)).rejects.toThrow(
        "does not support dry run",
      );
  });
});
