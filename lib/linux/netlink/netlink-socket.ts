import { closeSync } from "node:fs";
import { constants } from "node:os";
import { checked, errnoName, isErrno, LinuxError } from "../linux-error.ts";
import { libc } from "../libc.ts";
import {
  decodeAttributes,
  decodeMessages,
  decodeText,
  encodeMessage,
  messageFlag,
  messageType,
  type NetlinkMessage,
} from "./message.ts";

export type NetlinkFamily = "route" | "netfilter";

/** What to ask of the kernel, and what to call it in an error. */
export interface NetlinkRequest {
  readonly action: string;
  readonly type: number;
  /** Beyond request and ack, which are always set. */
  readonly flags?: number;
  readonly payload: Buffer;
  /** Error names that are fine: deleting what is gone, adding what is there. */
  readonly tolerate?: readonly string[];
}

const familyNumber = { route: 0, netfilter: 12 } as const;
const afNetlink = 16;
const rawCloseOnExec = 3 | 0o2000000;
const solNetlink = 270;
const capAck = 10;
const extAck = 11;
const solSocket = 1;
const receiveTimeout = 20;
const receiveBytes = 64 * 1024;
const timeoutSeconds = 10;

/**
 * A conversation with the kernel, synchronous because it answers within the call (about 0.1 ms). The socket belongs
 * to the network namespace in which the thread was when it was opened. Close it when done.
 */
export class NetlinkSocket {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(receiveBytes);
  #sequence = 0;
  #open = true;

  constructor(family: NetlinkFamily) {
    this.#fd = checked(
      libc.socket(afNetlink, rawCloseOnExec, familyNumber[family]),
      () => `open a netlink ${family} socket`,
    );
    const one = Buffer.from([1, 0, 0, 0]);
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(BigInt(timeoutSeconds));
    this.#option(solNetlink, capAck, one);
    this.#option(solNetlink, extAck, one);
    this.#option(solSocket, receiveTimeout, timeout);
  }

  #option(level: number, option: number, value: Buffer): void {
    checked(
      libc.setsockopt(this.#fd, level, option, value, value.length),
      () => `set option ${option} of a netlink socket`,
    );
  }

  /** Does one thing, or throws with the kernel's own reason. */
  execute(request: NetlinkRequest): void {
    this.executeAll([request]);
  }

  /**
   * Sends several requests in one go; the kernel does them in order and goes on after a failure. Throws the first
   * failure that is not tolerated.
   */
  executeAll(requests: readonly NetlinkRequest[]): void {
    this.#converse(
      requests.map((request) => ({ ...request, flags: (request.flags ?? 0) | messageFlag.ack })),
      requests,
    );
  }

  /** All of a transaction or nothing: messages between `begin` and `end`, which the kernel does not acknowledge. */
  executeTransaction(begin: NetlinkRequest, requests: readonly NetlinkRequest[], end: NetlinkRequest): void {
    if (requests.length === 0) return;
    const acknowledged = requests.map((request) => ({
      ...request,
      flags: (request.flags ?? 0) | messageFlag.ack,
    }));
    this.#converse([begin, ...acknowledged, end], requests);
  }

  #converse(messages: readonly NetlinkRequest[], acknowledged: readonly NetlinkRequest[]): void {
    const bySequence = new Map<number, NetlinkRequest>();
    const first = messages.length - acknowledged.length > 0 ? 1 : 0;
    const bytes = messages.map((message, index) => {
      const sequence = ++this.#sequence;
      const request = acknowledged[index - first];
      if (request) bySequence.set(sequence, request);
      return encodeMessage(
        message.type,
        (message.flags ?? 0) | messageFlag.request,
        sequence,
        message.payload,
      );
    });
    const all = new Set(bySequence.keys());
    this.#send(Buffer.concat(bytes), acknowledged[0]?.action ?? "netlink request");
    const failures: LinuxError[] = [];
    while (all.size > 0) {
      for (const answer of this.#receive(acknowledged[0]?.action ?? "netlink request")) {
        if (answer.type !== messageType.error || answer.sequence > this.#sequence) continue;
        const failure = readFailure(answer, bySequence.get(answer.sequence) ?? acknowledged[0]);
        // Begin and end are only ever answered with an error, and that one stands for the whole transaction.
        if (
          failure &&
          !bySequence.has(answer.sequence) &&
          answer.sequence > this.#sequence - messages.length
        ) {
          throw failure;
        }
        if (!all.delete(answer.sequence) || !failure) continue;
        if (!bySequence.get(answer.sequence)?.tolerate?.includes(failure.errno)) failures.push(failure);
      }
    }
    if (failures[0]) throw failures[0];
  }

  /** Everything of a kind. The kernel may say that the table changed meanwhile; then it is asked once more. */
  dump(request: NetlinkRequest): NetlinkMessage[] {
    for (let attempt = 0; ; attempt++) {
      try {
        return this.#dumpOnce(request);
      } catch (error) {
        if (attempt >= 3 || !isErrno(error, "EINTR", "EBUSY")) throw error;
      }
    }
  }

  #dumpOnce(request: NetlinkRequest): NetlinkMessage[] {
    const sequence = ++this.#sequence;
    const flags = (request.flags ?? 0) | messageFlag.request | messageFlag.dump;
    this.#send(encodeMessage(request.type, flags, sequence, request.payload), request.action);
    const found: NetlinkMessage[] = [];
    for (;;) {
      for (const answer of this.#receive(request.action)) {
        if (answer.sequence !== sequence) continue;
        if (answer.type === messageType.done) return found;
        if (answer.type !== messageType.error) {
          found.push({ ...answer, payload: Buffer.from(answer.payload) });
          continue;
        }
        const failure = readFailure(answer, request);
        if (!failure || request.tolerate?.includes(failure.errno)) return found;
        throw failure;
      }
    }
  }

  /** The one answer to a question; undefined when the error is tolerated. */
  ask(request: NetlinkRequest): NetlinkMessage | undefined {
    const sequence = ++this.#sequence;
    const flags = (request.flags ?? 0) | messageFlag.request;
    this.#send(encodeMessage(request.type, flags, sequence, request.payload), request.action);
    for (;;) {
      for (const answer of this.#receive(request.action)) {
        if (answer.sequence !== sequence) continue;
        if (answer.type !== messageType.error) return { ...answer, payload: Buffer.from(answer.payload) };
        const failure = readFailure(answer, request);
        if (!failure || request.tolerate?.includes(failure.errno)) return undefined;
        throw failure;
      }
    }
  }

  /**
   * As {@link execute}, for a request that sleeps in the kernel (deleting a link: 20 to 50 ms): another thread waits.
   * Nothing else may be asked of this socket meanwhile.
   */
  async executeInBackground(request: NetlinkRequest): Promise<void> {
    const flags = (request.flags ?? 0) | messageFlag.request | messageFlag.ack;
    const sequence = ++this.#sequence;
    const bytes = encodeMessage(request.type, flags, sequence, request.payload);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    libc.sendAsync(this.#fd, bytes, bytes.length, 0, (error, sent) =>
      error ? reject(error) : resolve(sent),
    );
    if ((await promise) < 0) throw new Error(`${request.action}: the kernel did not take the request`);
    const answer = this.#receive(request.action).find((message) => message.sequence === sequence);
    const failure = answer && readFailure(answer, request);
    if (failure && !request.tolerate?.includes(failure.errno)) throw failure;
  }

  #send(bytes: Buffer, action: string): void {
    checked(libc.send(this.#fd, bytes, bytes.length, 0), () => `${action}: send to the kernel`);
  }

  #receive(action: string): NetlinkMessage[] {
    const length = checked(
      libc.recv(this.#fd, this.#buffer, this.#buffer.length, 0),
      () => `${action}: wait for the kernel's answer`,
    );
    return decodeMessages(this.#buffer.subarray(0, length));
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

const extendedMessage = 1;

/** Undefined for an acknowledgement, which is an error message with the number 0. */
function readFailure(answer: NetlinkMessage, request: NetlinkRequest | undefined): LinuxError | undefined {
  const number = -answer.payload.readInt32LE(0);
  if (number === 0) return undefined;
  const reason = readReason(answer);
  const known = constants.errno[errnoName(number) as keyof typeof constants.errno] ?? number;
  const action = request?.action ?? "netlink transaction";
  return new LinuxError(reason === "" ? action : `${action}: ${reason}`, known);
}

function readReason(answer: NetlinkMessage): string {
  if ((answer.flags & messageFlag.ackAttributes) === 0) return "";
  const capped = (answer.flags & messageFlag.ackCapped) !== 0;
  const echoed = capped ? 16 : answer.payload.readUInt32LE(4);
  return decodeText(decodeAttributes(answer.payload.subarray(4 + ((echoed + 3) & ~3))).get(extendedMessage));
}
