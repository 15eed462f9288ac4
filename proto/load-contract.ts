import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs/light.js";
import type { ContractName } from "./contracts.ts";
import { makeCodecLazy } from "./lazy-codec.ts";

const loaded = new Map<ContractName, PackageDefinition>();

const reading: protobuf.IConversionOptions = { longs: String, enums: String, defaults: true, oneofs: true };

/**
 * The definition of a contract for grpc-js: services by their full name (`runtime.v1.RuntimeService`), messages and
 * enums by theirs. Fields keep the .proto's snake_case; 64-bit integers are decimal strings; enums are names; bytes are
 * Buffers; absent scalars read as their default; a oneof's set member is named by the oneof's own key.
 */
export function loadContract(name: ContractName): PackageDefinition {
  let definition = loaded.get(name);
  if (!definition) {
    const file = join(import.meta.dirname, "generated", `${name}.json`);
    const { nested = {} } = JSON.parse(readFileSync(file, "utf8")) as protobuf.INamespace;
    const root = new protobuf.Root();
    root.addJSON(nested);
    prepareTypes(root);
    root.resolveAll();
    definition = Object.fromEntries(definitionsIn(root)) as unknown as PackageDefinition;
    loaded.set(name, definition);
  }
  return definition;
}

/** With a constructor of its own no program text is made and compiled for each of some hundred types before the first call. */
function prepareTypes(scope: protobuf.NamespaceBase): void {
  for (const item of scope.nestedArray) {
    if (item instanceof protobuf.Type) {
      item.ctor = class extends protobuf.Message {};
      makeCodecLazy(item);
    }
    if (item instanceof protobuf.Namespace) prepareTypes(item);
  }
}

function* definitionsIn(scope: protobuf.NamespaceBase): Generator<[string, object]> {
  for (const item of scope.nestedArray) {
    const name = item.fullName.slice(1);
    if (item instanceof protobuf.Service) yield [name, serviceDefinition(item, name)];
    else if (item instanceof protobuf.Type) yield [name, messageDefinition(item)];
    else if (item instanceof protobuf.Enum) yield [name, { format: "Protocol Buffer 3 EnumDescriptorProto" }];
    else if (item instanceof protobuf.Namespace) yield* definitionsIn(item);
  }
}

function serviceDefinition(service: protobuf.Service, name: string): object {
  return Object.fromEntries(
    service.methodsArray.map((method) => [method.name, methodDefinition(method, name)]),
  );
}

/** Descriptors of the types, which only reflection needs, are left out: making them takes longer than all the rest. */
function methodDefinition(method: protobuf.Method, service: string): object {
  const request = messageDefinition(method.resolvedRequestType!);
  const response = messageDefinition(method.resolvedResponseType!);
  return {
    path: `/${service}/${method.name}`,
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
    requestSerialize: request.serialize,
    requestDeserialize: request.deserialize,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
    requestType: { type: { name: method.resolvedRequestType?.name } },
    originalName: `${method.name.slice(0, 1).toLowerCase()}${method.name.slice(1)}`,
    options: Object.assign({}, ...((method.parsedOptions as object[] | undefined) ?? [])) as object,
  };
}

interface MessageDefinition {
  readonly format: string;
  readonly serialize: (value: object) => Buffer;
  readonly deserialize: (bytes: Buffer) => object;
}

function messageDefinition(type: protobuf.Type): MessageDefinition {
  return {
    format: "Protocol Buffer 3 DescriptorProto",
    serialize(value) {
      if (Array.isArray(value)) throw new TypeError(`${type.fullName} cannot be made from an array`);
      return type.encode(type.fromObject(value)).finish() as Buffer;
    },
    deserialize: (bytes) => type.toObject(type.decode(bytes), reading),
  };
}
