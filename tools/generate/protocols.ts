import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import protobuf from "protobufjs";
import descriptorProtocol from "protobufjs/google/protobuf/descriptor.json" with { type: "json" };
import { contracts } from "../../proto/contracts.ts";

const protoDirectory = join(import.meta.dirname, "../../proto");
const outputDirectory = join(protoDirectory, "generated");
const generateTypes = createRequire(import.meta.url).resolve(
  "@grpc/proto-loader/build/bin/proto-loader-gen-types.js",
);

protobuf.common("descriptor", descriptorProtocol.nested.google.nested.protobuf.nested);

/**
 * Writes, per contract, TypeScript types (`generated/<contract>/`) and the descriptor as JSON
 * (`generated/<contract>.json`). The descriptor is what runs: no .proto file is read or parsed at run time.
 */
export async function generateProtocols(): Promise<void> {
  const fresh = await mkdtemp(`${outputDirectory}-`);
  try {
    await chmod(fresh, 0o755);
    await generateInto(fresh);
    // Swapped as a whole: who runs meanwhile never meets half of it.
    await mkdir(outputDirectory, { recursive: true });
    const former = `${fresh}-former`;
    await rename(outputDirectory, former);
    await rename(fresh, outputDirectory);
    await rm(former, { recursive: true });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function generateInto(directory: string): Promise<void> {
  await Promise.all(
    Object.entries(contracts).map(async ([name, files]) => {
      await promisify(execFile)(process.execPath, [
        generateTypes,
        ...["--keepCase", "--longs=String", "--enums=String", "--defaults", "--oneofs"],
        ...["--grpcLib=@grpc/grpc-js", "--importFileExtension=.ts"],
        ...["-I", protoDirectory, "-O", join(directory, name)],
        ...files,
      ]);
      await writeFile(join(directory, `${name}.json`), JSON.stringify(readDescriptor(files)));
    }),
  );
}

function readDescriptor(files: readonly string[]): protobuf.INamespace {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    const bundled = target.startsWith("google/protobuf/") && protobuf.common.get(target);
    return bundled ? target : join(protoDirectory, target);
  };
  root.loadSync([...files], { keepCase: true });
  root.resolveAll();
  return root.toJSON({ keepComments: false });
}
