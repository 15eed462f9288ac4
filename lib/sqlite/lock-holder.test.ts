import { expect, it } from "vitest";

import { lockHolder } from "./lock-holder.ts";

const locks = `1: POSIX  ADVISORY  READ  812 08:01:1234567 1073741826 1073742335
1: -> POSIX  ADVISORY  WRITE 999 08:01:1234567 1073741826 1073742335
2: FLOCK  ADVISORY  WRITE 77 00:1a:42 0 EOF
`;

it("finds who holds a lock, not who waits for it", () => {
  expect(lockHolder(locks, 1234567)).toBe(812);
  expect(lockHolder(locks, 42)).toBe(77);
});

it("finds nobody for a file without a lock", () => {
  expect(lockHolder(locks, 4)).toBeUndefined();
});
