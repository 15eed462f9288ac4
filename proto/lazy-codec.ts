import protobuf from "protobufjs/light.js";

/** Its JSON form differs from its fields, and the library wraps its functions for that. */
const wrapped = ".google.protobuf.Any";

/**
 * Makes each of a type's functions when it is first called. The library makes all five of a type at once, and who serves
 * a verb needs two of a request's and two of an answer's: compiling the others was a tenth of a plugin's start.
 */
export function makeCodecLazy(type: protobuf.Type): void {
  if (type.fullName === wrapped) return;
  const { Reader, Writer, util, encoder, decoder, converter } = protobuf;
  const scope = () => ({
    Reader,
    Writer,
    util,
    types: type.fieldsArray.map((field) => field.resolve().resolvedType),
  });
  const make = (generator: (type: protobuf.Type) => protobuf.Codegen): unknown => generator(type)(scope());
  type.encode = (...given) => (type.encode = make(encoder) as typeof type.encode).apply(type, given);
  type.decode = (...given) => (type.decode = make(decoder) as typeof type.decode).apply(type, given);
  type.fromObject = (...given) =>
    (type.fromObject = make(converter.fromObject) as typeof type.fromObject).apply(type, given);
  type.toObject = (...given) =>
    (type.toObject = make(converter.toObject) as typeof type.toObject).apply(type, given);
}
