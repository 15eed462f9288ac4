import { createToken, type Token } from "@berth/base";
import { Container, ContainerModule, type ServiceIdentifier } from "inversify";
import { expect, test } from "vitest";
import { checkBootTree } from "./check-boot-tree.ts";
import type { PartRecord } from "./part-record.ts";
import { recordModule } from "./recording-module.ts";

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;
const part = (name: string, ...needs: string[]): PartRecord => ({
  room: "room",
  name,
  needs,
  madeInMs: undefined,
});

test("a module's parts are known by name and need before anything is made, and timed when it is", async () => {
  const size = createToken<number>("test.size");
  const label = createToken<string>("test.label");
  const module = new ContainerModule(({ bind }) => {
    bind(id(size)).toConstantValue(3);
    bind(id(label))
      .toResolvedValue((n: number) => `size ${n}`, [id(size)])
      .inSingletonScope();
  });
  const records: PartRecord[] = [];
  let time = 0;
  const container = new Container();
  await container.loadAsync(recordModule("room", module, records, () => (time += 5)));
  expect(records).toEqual([{ room: "room", name: "test.label", needs: ["test.size"], madeInMs: undefined }]);
  expect(await container.getAsync(id(label))).toBe("size 3");
  expect(records[0]!.madeInMs).toBe(5);
});

test("a part that nobody makes is named with who needs it", () => {
  expect(checkBootTree([part("a", "b")], [])).toEqual(["a (room) needs b, which no module makes"]);
  expect(checkBootTree([part("a", "b")], ["b"])).toEqual([]);
});

test("a part that two modules make is named with both", () => {
  const parts = [part("a"), { ...part("a"), room: "other" }];
  expect(checkBootTree(parts, [])).toEqual(["a is made by room and by other"]);
});

test("a ring is printed as a ring", () => {
  expect(checkBootTree([part("x", "a"), part("a", "b"), part("b", "c"), part("c", "a")], [])).toEqual([
    "these parts need each other: a → b → c → a",
  ]);
});
