import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { WriteContentRequest } from "@berth/proto/generated/containerd/containerd/services/content/v1/WriteContentRequest.ts";
import type { WriteContentResponse__Output } from "@berth/proto/generated/containerd/containerd/services/content/v1/WriteContentResponse.ts";
import type { ReadContentResponse__Output } from "@berth/proto/generated/containerd/containerd/services/content/v1/ReadContentResponse.ts";
import type { ContentDefinition } from "@berth/proto/generated/containerd/containerd/services/content/v1/Content.ts";
import type { LeasesDefinition } from "@berth/proto/generated/containerd/containerd/services/leases/v1/Leases.ts";
import type { ContainerdCallOptions, ContainerdConnection, PromiseClient } from "./connection.ts";
import { ignoringNotFound, isContainerdError, toContainerdError } from "./containerd-error.ts";

const service = "containerd.services.content.v1.Content";
const chunkBytes = 1024 * 1024;

export interface WriteBlobOptions extends ContainerdCallOptions {
  /** Name of the write under way; two writers of one name exclude each other. */
  ref: string;
  /** sha256:…; the store refuses other bytes. Absent: whatever the bytes hash to. */
  expected?: string;
  /** Bytes; checked when given. */
  size?: number;
  labels?: Record<string, string>;
  onProgress?: (bytesWritten: number) => void;
}

export interface Blob {
  digest: string;
  size: number;
}

/** Content-addressed blobs. Everything written is verified by containerd against its digest. */
export class ContentStore {
  readonly client: PromiseClient<ContentDefinition>;
  readonly #connection: ContainerdConnection;

  constructor(connection: ContainerdConnection) {
    this.#connection = connection;
    this.client = connection.service<ContentDefinition>(service);
  }

  async info(digest: string): Promise<(Blob & { labels: Record<string, string> }) | undefined> {
    const found = await ignoringNotFound(this.client.info({ digest }));
    return found?.info
      ? { digest: found.info.digest, size: Number(found.info.size), labels: found.info.labels }
      : undefined;
  }

  async *read(digest: string, options: ContainerdCallOptions = {}): AsyncGenerator<Buffer> {
    const stream = this.#connection.serverStream<ReadContentResponse__Output>(
      service,
      "Read",
      { digest },
      options,
    );
    try {
      for await (const part of stream as AsyncIterable<ReadContentResponse__Output>) yield part.data;
    } catch (error) {
      throw toContainerdError(`Content/Read ${digest}`, error);
    } finally {
      stream.cancel();
    }
  }

  /** A small blob as a whole; refuses one larger than `maxBytes`. */
  async readAll(digest: string, maxBytes = 8 * chunkBytes): Promise<Buffer> {
    const parts: Buffer[] = [];
    let total = 0;
    for await (const part of this.read(digest)) {
      total += part.length;
      if (total > maxBytes)
        throw new Error(`blob ${digest} is larger than the ${maxBytes} bytes allowed here`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /**
   * Writes and commits a blob; one that is there already is not written again. On any failure the half-written
   * bytes are dropped.
   */
  async write(source: AsyncIterable<Uint8Array> | Uint8Array, options: WriteBlobOptions): Promise<Blob> {
    if (options.expected !== undefined) {
      const present = await this.info(options.expected);
      if (present) {
        await this.#keepInLease(present.digest, options);
        return present;
      }
    }
    const writer = new BlobWriter(
      this.#connection.duplexStream<WriteContentRequest, WriteContentResponse__Output>(
        service,
        "Write",
        options,
      ),
      options,
    );
    try {
      const parts = source instanceof Uint8Array ? [source] : source;
      for await (const part of parts) await writer.append(part);
      return await writer.commit();
    } catch (error) {
      writer.cancel();
      if (options.expected !== undefined && isContainerdError(error, "ALREADY_EXISTS")) {
        return { digest: options.expected, size: options.size ?? 0 };
      }
      await ignoringNotFound(this.client.abort({ ref: options.ref })).catch(() => undefined);
      throw error;
    }
  }

  /** Replaces single labels of a blob; an empty value removes one. */
  async setLabels(digest: string, labels: Record<string, string>): Promise<void> {
    const paths = Object.keys(labels).map((label) => `labels.${label}`);
    await this.client.update({ info: { digest, labels }, update_mask: { paths } });
  }

  async delete(digest: string): Promise<void> {
    await ignoringNotFound(this.client.delete({ digest }));
  }

  async #keepInLease(digest: string, options: ContainerdCallOptions): Promise<void> {
    if (options.lease === undefined) return;
    const leases = this.#connection.service<LeasesDefinition>("containerd.services.leases.v1.Leases");
    await leases.addResource({ id: options.lease, resource: { id: digest, type: "content" } });
  }
}

/** One Write stream. containerd answers every message, so one is in flight at a time. */
class BlobWriter {
  readonly #call: ClientDuplexStream<WriteContentRequest, WriteContentResponse__Output>;
  readonly #answers: AsyncIterator<WriteContentResponse__Output>;
  readonly #options: WriteBlobOptions;
  #offset = 0;

  constructor(
    call: ClientDuplexStream<WriteContentRequest, WriteContentResponse__Output>,
    options: WriteBlobOptions,
  ) {
    this.#call = call;
    this.#options = options;
    this.#answers = (call as AsyncIterable<WriteContentResponse__Output>)[Symbol.asyncIterator]();
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      const data = bytes.subarray(start, start + chunkBytes);
      await this.#exchange("WRITE", Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      this.#offset += data.length;
      this.#options.onProgress?.(this.#offset);
    }
  }

  async commit(): Promise<Blob> {
    const answer = await this.#exchange("COMMIT", Buffer.alloc(0));
    this.#call.end();
    return { digest: answer.digest, size: this.#offset };
  }

  cancel(): void {
    this.#call.cancel();
  }

  async #exchange(action: "WRITE" | "COMMIT", data: Buffer): Promise<WriteContentResponse__Output> {
    const { ref, expected, size, labels } = this.#options;
    this.#call.write({
      action,
      ref,
      data,
      offset: String(this.#offset),
      total: String(action === "COMMIT" ? (size ?? this.#offset) : (size ?? 0)),
      expected: expected ?? "",
      labels: action === "COMMIT" ? (labels ?? {}) : {},
    });
    try {
      const next = await this.#answers.next();
      if (next.done) throw new Error(`the stream ended before blob ${expected ?? ref} was complete`);
      return next.value;
    } catch (error) {
      throw toContainerdError(`Content/Write ${expected ?? ref}`, error);
    }
  }
}
