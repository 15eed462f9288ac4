import { expect, test } from "vitest";
import { decodeDevice, encodeDevice } from "./device-node.ts";

test.each([
  [{ major: 1, minor: 3 }, 0x103],
  [{ major: 195, minor: 255 }, 0xc3ff],
  [{ major: 259, minor: 0x12345 }, 0x12310345],
])("device number %o is folded as the kernel folds it", (device, folded) => {
  expect(encodeDevice(device)).toBe(folded);
  expect(decodeDevice(folded)).toEqual(device);
});
