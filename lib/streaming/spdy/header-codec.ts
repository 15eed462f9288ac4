import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { headerDictionary } from "./dictionary.ts";

/** A connection's header compression: each block continues where the one before it ended, so order matters. */
export class HeaderCodec {
  readonly #deflate: Deflate = createDeflate({ dictionary: headerDictionary, flush: constants.Z_SYNC_FLUSH });
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary, flush: constants.Z_SYNC_FLUSH });

  compress(block: Buffer): Promise<Buffer> {
    return through(this.#deflate, block);
  }

  decompress(block: Buffer): Promise<Buffer> {
    return through(this.#inflate, block);
  }

  dispose(): void {
    this.#deflate.destroy();
    this.#inflate.destroy();
  }
}

function through(stream: Deflate | Inflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const take = (part: Buffer): void => void parts.push(part);
    stream.on("data", take);
    stream.once("error", reject);
    stream.write(block);
    stream.flush(() => {
      stream.off("data", take);
      stream.off("error", reject);
      resolve(Buffer.concat(parts));
    });
  });
}
