import { expect, it } from "vitest";
import { inPlainWords } from "./in-plain-words.ts";

it.each([
  ["failed to attach: failed to attach: no room", "failed to attach: no room"],
  ["failed to attach: Failed to attach: failed to attach", "failed to attach"],
  ["mount v: driver d: mount v: driver d: EIO", "mount v: driver d: EIO"],
  ["rpc error: code = Unknown desc = the disk is gone", "the disk is gone"],
  [
    "csi.v1.Node/NodeStageVolume: 2 UNKNOWN: the disk is gone",
    "csi.v1.Node/NodeStageVolume: the disk is gone",
  ],
  ["mount failed: Unknown error", "mount failed: no reason was given"],
  ["mount failed: UNKNOWN: no such device", "mount failed: no such device"],
  ["Unknown", "no reason was given"],
])("%s is told as %s", (message, told) => {
  expect(inPlainWords(message)).toBe(told);
});

it.each([
  "config: sizee is not a known key; did you mean size?",
  "the node is silent since 12:30: nothing ends there: it is off",
  "addresses fd00::1 and fd00::1: both: both are taken",
  'spec.image: unknown field "imgae"',
  "exit code 1",
])("what says something stays as it is: %s", (message) => {
  expect(inPlainWords(message)).toBe(message);
});
