import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpRequest } from "../../http/index.ts";
import type { ImageArchive, RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import { kubeletRequestError } from "../errors.ts";
import { BerthError } from "@berth/base";

/** An archive larger than this is a mistake, or somebody who wants to fill the disk. */
const largestArchive = 16 * 1024 ** 3;

/** One image of the archive, at one runtime plugin. */
export interface ImportedImage {
  readonly reference: string;
  readonly imageId: string;
  readonly plugin: string;
}

/**
 * Gives the archive in the request's body to every runtime plugin of the node that takes archives. The body is kept
 * in a file below `folder` meanwhile, for it can be read only once.
 */
export async function importImages(
  request: HttpRequest,
  handlers: readonly RuntimeHandler[],
  folder: string,
): Promise<ImportedImage[]> {
  const archives = new Map<string, ImageArchive>();
  for (const { plugin, ready, archive } of handlers) if (ready && archive) archives.set(plugin, archive);
  if (archives.size === 0) {
    throw new BerthError(
      kubeletRequestError,
      "no runtime plugin of this node that is ready takes image archives",
    );
  }
  const scratch = await mkdtemp(join(folder, "import-"));
  try {
    const file = join(scratch, "archive.tar");
    await pipeline(request, limited(largestArchive), createWriteStream(file, { mode: 0o600 }));
    const imported = await Promise.all(
      [...archives].map(async ([plugin, archive]) => {
        const { images } = await archive.importImage(createReadStream(file, { highWaterMark: 1 << 20 }));
        return images.map(({ reference, image_id }) => ({ reference, imageId: image_id, plugin }));
      }),
    );
    return imported.flat();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function limited(bytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= bytes) done(null, chunk);
      else done(new BerthError(kubeletRequestError, `an image archive may have at most ${bytes} bytes`));
    },
  });
}
