import { type ChannelCredentials, credentials, Metadata } from "@grpc/grpc-js";
import type { Disposable } from "@berth/base";
import type { LeaseGrantResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/LeaseGrantResponse.ts";
import type { LeaseTimeToLiveResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/LeaseTimeToLiveResponse.ts";
import type { StatusResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/StatusResponse.ts";
import { EtcdError } from "./etcd-error.ts";
import { EtcdMember } from "./etcd-member.ts";
import type { RangeInput, RangeOutput, TxnInput, TxnOutput } from "./etcd-types.ts";
import { type EtcdWatchListener, type EtcdWatchOptions, openWatch } from "./etcd-watch.ts";

export interface EtcdClientOptions {
  /** `http://host:port` or `https://host:port`, one for each member. */
  readonly servers: readonly string[];
  /** PEM of the authority that signed the members' certificates; the system's authorities without it. */
  readonly authority?: Buffer;
  /** PEM, for members that ask for a client certificate. */
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

const connectMs = 2_000;
const callMs = 10_000;
/** A member that does not answer a read for so long is passed over. */
const readMs = 4_000;
const compactMs = 60_000;

/**
 * One etcd cluster. Calls go to one member; when it cannot serve them, to the next. Only what can have had no effect
 * is sent again: reads, and writes that no member was given.
 */
export class EtcdClient implements Disposable {
  readonly label: string;
  readonly #members: readonly EtcdMember[];
  readonly #metadata = new Metadata();
  #current = 0;

  constructor(options: EtcdClientOptions) {
    if (options.servers.length === 0) throw new Error("an etcd cluster has at least one server");
    this.label = `etcd ${options.servers.join(",")}`;
    this.#members = options.servers.map((server) => new EtcdMember(server, credentialsFor(server, options)));
    // A member that is cut off from the others says so instead of serving what is old.
    this.#metadata.set("hasleader", "true");
  }

  range(request: RangeInput): Promise<RangeOutput> {
    return this.#read("KV", "Range", request);
  }

  /** @throws EtcdError; unless it says `unsent`, the transaction may or may not have happened */
  txn(request: TxnInput): Promise<TxnOutput> {
    return this.#write("KV", "Txn", request, callMs);
  }

  async compact(revision: number): Promise<void> {
    await this.#write("KV", "Compact", { revision }, compactMs);
  }

  /** A lease's id. It lasts at least `seconds`. */
  async grantLease(seconds: number): Promise<string> {
    const { ID } = await this.#write<LeaseGrantResponse__Output>(
      "Lease",
      "LeaseGrant",
      { TTL: seconds },
      callMs,
    );
    return ID;
  }

  /** Seconds that a lease has left; below 0 when it has ended. */
  async leaseSeconds(id: string): Promise<number> {
    const answer = await this.#read<LeaseTimeToLiveResponse__Output>("Lease", "LeaseTimeToLive", { ID: id });
    return Number(answer.TTL);
  }

  status(): Promise<StatusResponse__Output> {
    return this.#read("Maintenance", "Status", {});
  }

  /** Opens a stream with one watch on it, at the member in use. */
  async watch(options: EtcdWatchOptions, listener: EtcdWatchListener): Promise<Disposable> {
    const member = await this.#reachable();
    return openWatch(member, this.#metadata, options, listener);
  }

  /** Takes the next member for what comes: the present one does not serve. */
  passOn(): void {
    this.#current = (this.#current + 1) % this.#members.length;
  }

  dispose(): void {
    for (const member of this.#members) member.close();
  }

  async #read<Response>(service: string, name: string, request: object): Promise<Response> {
    for (let left = this.#members.length; ; left--) {
      const member = await this.#reachable();
      try {
        return await member.call(service, name, request, readMs, this.#metadata);
      } catch (error) {
        this.#passOver(member, error);
        if (!(error instanceof EtcdError) || !error.mayBeElsewhere || left <= 0) throw error;
      }
    }
  }

  async #write<Response>(service: string, name: string, request: object, ms: number): Promise<Response> {
    for (let left = this.#members.length; ; left--) {
      const member = await this.#reachable();
      try {
        return await member.call(service, name, request, ms, this.#metadata);
      } catch (error) {
        this.#passOver(member, error);
        if (!(error instanceof EtcdError) || !error.unsent || !error.mayBeElsewhere || left <= 0) throw error;
      }
    }
  }

  /** The member in use, or the first after it to which there is a connection. */
  async #reachable(): Promise<EtcdMember> {
    let problem: unknown;
    for (const _ of this.#members) {
      const member = this.#members[this.#current]!;
      try {
        await member.ready(connectMs);
        return member;
      } catch (error) {
        problem = error;
        this.#passOver(member, error);
      }
    }
    throw problem;
  }

  /** Unless somebody else has passed on already. */
  #passOver(member: EtcdMember, error: unknown): void {
    const gone = error instanceof EtcdError && error.mayBeElsewhere;
    if (gone && this.#members[this.#current] === member) this.passOn();
  }
}

function credentialsFor(server: string, options: EtcdClientOptions): ChannelCredentials {
  const { protocol } = new URL(server);
  if (protocol === "http:") return credentials.createInsecure();
  if (protocol !== "https:") throw new Error(`${server}: an etcd server is named as http:// or https://`);
  return credentials.createSsl(options.authority ?? null, options.key ?? null, options.certificate ?? null);
}
