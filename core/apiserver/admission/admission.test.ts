import { expect, test } from "vitest";
import { kinds } from "../../api/index.ts";
import { AdmissionChain, type AdmissionPlugin, type AdmissionRequest } from "./admission.ts";
import { certificateSubjectRestriction } from "./certificate-requests.ts";

const request: AdmissionRequest = {
  operation: "CREATE",
  kind: kinds.byKind("", "v1", "ConfigMap")!,
  subresource: "",
  namespace: "default",
  name: "x",
  user: { name: "ann", groups: [] },
  dryRun: false,
  warnings: [],
};

function chainOf(...plugins: Omit<AdmissionPlugin, "name">[]): AdmissionChain {
  return new AdmissionChain(plugins.map((plugin, index) => ({ name: `plugin-${index}`, ...plugin })));
}

test("asks one after the other, and waits for whoever has to be waited for before it asks the next", async () => {
  const asked: string[] = [];
  const quick = (name: string) => (): void => void asked.push(name);
  const slow = (name: string) => async (): Promise<void> => {
    await Promise.resolve();
    asked.push(name);
  };
  const chain = chainOf(
    { mutate: quick("a"), validate: slow("d") },
    { mutate: slow("b"), validate: quick("e") },
    { mutate: quick("c"), validate: slow("f"), settle: slow("h") },
    { settle: quick("i") },
  );
  await chain.mutate(request);
  const written = await chain.guarded(
    request,
    async () => {
      asked.push("g");
      return 1;
    },
    () => "stored",
  );
  expect([asked.join(""), written]).toEqual(["abcdefghi", 1]);
});

test("tells what became of a write, of one that failed too, and writes nothing that is refused", async () => {
  const outcomes: string[] = [];
  const settle = (_: AdmissionRequest, outcome: string): void => void outcomes.push(outcome);
  const failing = (): Promise<never> => Promise.reject(new Error("the disk is full"));
  await chainOf({ settle }).guarded(
    request,
    () => Promise.resolve(),
    () => "removed",
  );
  await expect(chainOf({ settle }).guarded(request, failing, () => "stored")).rejects.toThrow("disk is full");
  const refuse = (): never => {
    throw new Error("refused");
  };
  const write = (): Promise<void> => Promise.resolve(void outcomes.push("written"));
  const refusing = chainOf({ validate: refuse, settle });
  await expect(refusing.guarded(request, write, () => "stored")).rejects.toThrow("refused");
  expect(outcomes).toEqual(["removed", "failed"]);
});

test("nobody has to be waited for by writes that are about something else", () => {
  const restriction = certificateSubjectRestriction({
    read: () => Promise.reject(new Error("not asked for")),
  } as unknown as Parameters<typeof certificateSubjectRestriction>[0]);
  expect(restriction.validate!(request)).toBeUndefined();
  expect(chainOf(restriction, { validate: () => undefined }).validate(request)).toBeUndefined();
});
