import { open } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import type { PullSecret } from "../contracts/plugin-types.ts";
import type { PullSecrets } from "../contracts/pull-secrets.ts";
import { badSource, noPullSecret } from "../errors.ts";

/** Logins of registries, not read yet. */
export interface LoginText {
  readonly text: string;
  /** What it is, for messages: a file with its option, or a Secret with its key. */
  readonly from: string;
  /** A file of the node's own may name helper programs and variables of the environment; an object of the API may not. */
  readonly isOwn: boolean;
}

const largestBytes = 1024 ** 2;
const othersMayWrite = 0o022;

/** A file with logins. Rejects when it cannot be read, and when others may write what this process is to believe. */
export async function readLoginFile(path: string, option: string): Promise<LoginText> {
  const from = `${option} ${path}`;
  try {
    await using file = await open(path, "r");
    const { mode, size } = await file.stat();
    if ((mode & othersMayWrite) !== 0) throw new Error(`others may write it; chmod go-w ${path}`);
    if (size > largestBytes) throw new Error(`it is larger than ${largestBytes} bytes`);
    return { text: await file.readFile("utf8"), from, isOwn: true };
  } catch (error) {
    throw new BerthError(badSource, `${from} cannot be used: ${errorMessage(error)}`);
  }
}

/** One key of a Secret, read anew each time and kept nowhere. Rejects with {@link noPullSecret}. */
export async function readPullSecret(
  secret: PullSecret,
  key: string,
  secrets: PullSecrets | undefined,
): Promise<LoginText> {
  const from = `Secret ${secret.namespace}/${secret.name}`;
  if (!secrets) throw new BerthError(noPullSecret, `${from} cannot be read: there is no API to ask for it`);
  const data = await secrets.read(secret).catch((error: unknown) => {
    throw new BerthError(noPullSecret, `${from} cannot be read: ${errorMessage(error)}`, { cause: error });
  });
  if (!data) throw new BerthError(noPullSecret, `there is no ${from}`);
  const text = data[key];
  if (text === undefined) throw new BerthError(noPullSecret, `${from} has no key ${key}`);
  return { text, from: `${key} of ${from}`, isOwn: false };
}
