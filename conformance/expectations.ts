import { isRpcError, type StatusName } from "@berth/verbs";

/** A promise that was not kept: what was asked, what came, what the contract says. */
export class BrokenPromise extends Error {}

export function must(holds: boolean, sentence: string): void {
  if (!holds) throw new BrokenPromise(sentence);
}

/** The call must fail with one of these codes; answers its sentence. */
export async function mustFail(
  call: Promise<unknown>,
  asked: string,
  ...codes: StatusName[]
): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (!isRpcError(error)) throw error;
    must(
      codes.includes(error.code),
      `${asked} is to answer ${codes.join(" or ")}, not ${error.code}: ${error.detail}`,
    );
    must(error.detail.trim() !== "", `${asked} answers ${error.code} without a word why`);
    return error.detail;
  }
  throw new BrokenPromise(`${asked} is to answer ${codes.join(" or ")}, but it succeeds`);
}

export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  must(a === b, `${what}: expected ${b}, got ${a}`);
}
