import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
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
  await rm(outputDirectory, { recursive: true, force: true });
  await mkdir(outputDirectory, { recursive: true });
  await Promise.all(
    Object.entries(contracts).map(async ([name, files]) => {
      await promisify(execFile)(process.execPath, [
        generateTypes,
        ...["--keepCase", "--longs=String", "--enums=String", "--defaults", "--oneofs"],
        ...["--grpcLib=@grpc/grpc-js", "--importFileExtension=.ts"],
        ...["-I", protoDirectory, "-O", join(outputDirectory, name)],
        ...files,
      ]);
      await writeFile(join(outputDirectory, `${name}.json`), JSON.stringify(readDescriptor(files)));
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
