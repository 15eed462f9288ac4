import { describe, expect, test } from "vitest";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from "./quantity.ts";

describe("a quantity", () => {
  test.each([
    ["0.5", "500m"],
    ["1000m", "1"],
    ["1024Mi", "1Gi"],
    ["1025Mi", "1025Mi"],
    ["1.5Gi", "1536Mi"],
    ["100", "100"],
    ["1000", "1k"],
    ["1e3", "1e3"],
    ["12e-1", "1200e-3"],
    ["0", "0"],
    ["0Ki", "0"],
    ["-1.5", "-1500m"],
    ["+1", "1"],
    [".5", "500m"],
    ["1.", "1"],
    ["512Ki", "512Ki"],
    ["0.5Ki", "512"],
    ["1E", "1E"],
    ["0.0000000001", "1n"],
  ])("%s is written %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  test.each(["", "x", "1 Gi", "1gi", "1GiB", "--1", "1e", "1e400", "Gi", "0x10", "1,5"])(
    "%j is none",
    (text) => {
      expect(canonicalQuantity(text)).toBeUndefined();
    },
  );

  test("is compared and added exactly, whatever its suffix", () => {
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(compareQuantities("1024Mi", "1Gi")).toBe(0);
    expect(compareQuantities("-1", "0")).toBe(-1);
    expect(addQuantities("0.1", "0.2")).toBe("300m");
    expect(addQuantities("0", "1Gi")).toBe("1Gi");
    expect(subtractQuantities("1Gi", "512Mi")).toBe("512Mi");
  });

  test("has a whole value rounded up, and thousandths", () => {
    expect(quantityValue("1500m")).toBe(2);
    expect(quantityValue("1Ki")).toBe(1024);
    expect(quantityMilliValue("0.1")).toBe(100);
    expect(() => quantityValue("abc")).toThrow('"abc" is not a quantity');
  });
});
