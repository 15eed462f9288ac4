import protobuf from "protobufjs";
import { elementType, groupVersion, type Kind, typeSchema } from "../../core/api/index.ts";

/** What a value of a type is in JSON, and how protobufjs shall write it. */
type Encode = (value: unknown) => unknown;

const magic = Buffer.from("k8s\0");
const seconds = (value: unknown): number => Math.floor(Date.parse(String(value)) / 1000);

/** Types whose JSON is a plain value: fields by number, and how the value fills them. */
const plain: Readonly<Record<string, { fields: Record<string, [number, string]>; encode: Encode }>> = {
  quantity: { fields: { text: [1, "string"] }, encode: (value) => ({ text: String(value) }) },
  time: { fields: { seconds: [1, "int64"] }, encode: (value) => ({ seconds: seconds(value) }) },
  microtime: { fields: { seconds: [1, "int64"] }, encode: (value) => ({ seconds: seconds(value) }) },
  duration: {
    fields: { nanos: [1, "int64"] },
    encode: (value) => ({ nanos: Number.parseInt(String(value), 10) * 1e9 }),
  },
  intstr: {
    fields: { type: [1, "int64"], number: [2, "int32"], text: [3, "string"] },
    encode: (value) => (typeof value === "number" ? { type: 0, number: value } : { type: 1, text: value }),
  },
  raw: { fields: { raw: [1, "bytes"] }, encode: (value) => ({ raw: Buffer.from(JSON.stringify(value)) }) },
  schemaOrBool: {
    fields: { allows: [1, "bool"], schema: [2, "apiextensions.v1.JSONSchemaProps"] },
    encode: (value) => (typeof value === "boolean" ? { allows: value } : { schema: value }),
  },
};
const basic: Readonly<Record<string, string>> = {
  ...{ string: "string", bytes: "bytes", bool: "bool", int32: "int32", int64: "int64", double: "double" },
};

/** An object in Kubernetes' protobuf envelope, written by protobufjs with the field numbers of the API's tables. */
export class ProtobufBodies {
  readonly #root = new protobuf.Root();
  readonly #types = new Map<string, protobuf.Type>();

  of(
    { group, version, kind, type }: Pick<Kind, "group" | "version" | "kind" | "type">,
    object: object,
  ): Buffer {
    const apiVersion = groupVersion({ group, version });
    this.#message("typeMeta", { apiVersion: [1, "string"], kind: [2, "string"] });
    const raw = this.#encoded(type, object);
    const unknown = this.#message("envelope", {
      typeMeta: [1, "typeMeta"],
      raw: [2, "bytes"],
      contentEncoding: [3, "string"],
      contentType: [4, "string"],
    });
    return Buffer.concat([magic, unknown.encode({ typeMeta: { apiVersion, kind }, raw }).finish()]);
  }

  #encoded(type: string, object: object): Uint8Array {
    return this.#type(type)
      .encode(this.#filled(type, object) as object)
      .finish();
  }

  #message(name: string, fields: Record<string, [number, string]>): protobuf.Type {
    const known = this.#types.get(name);
    if (known) return known;
    const made = new protobuf.Type(id(name));
    this.#types.set(name, made);
    this.#root.add(made);
    for (const [field, [number, type]] of Object.entries(fields))
      made.add(new protobuf.Field(field, number, this.#reference(type)));
    return made;
  }

  #reference(type: string): string {
    const scalar = basic[type];
    if (scalar) return scalar;
    this.#type(type);
    return id(type);
  }

  #type(type: string): protobuf.Type {
    const known = this.#types.get(type);
    if (known) return known;
    const special = plain[type];
    if (special) return this.#message(type, special.fields);
    const item = elementType(type);
    const made = new protobuf.Type(id(type));
    this.#types.set(type, made);
    this.#root.add(made);
    if (item) made.add(new protobuf.Field("items", 1, this.#reference(item.element), "repeated"));
    const schema = typeSchema(type);
    for (const { number, type: of } of schema?.fields ?? []) {
      if (number === undefined) continue;
      const element = elementType(of);
      if (element?.of === "map")
        made.add(new protobuf.MapField(member(number), number, "string", this.#reference(element.element)));
      else
        made.add(
          new protobuf.Field(
            member(number),
            number,
            this.#reference(element?.element ?? of),
            element ? "repeated" : undefined,
          ),
        );
    }
    for (const { number, type: of } of schema?.inline ?? [])
      made.add(new protobuf.Field(member(number), number, this.#reference(of)));
    return made;
  }

  #filled(type: string, value: unknown): unknown {
    if (type === "bytes") return Buffer.from(String(value), "base64");
    if (basic[type]) return value;
    const special = plain[type];
    if (special) {
      const form = special.encode(value) as { schema?: unknown };
      return form.schema ? { schema: this.#filled("apiextensions.v1.JSONSchemaProps", form.schema) } : form;
    }
    const item = elementType(type);
    if (item) return { items: (value as unknown[]).map((one) => this.#filled(item.element, one)) };
    const schema = typeSchema(type)!;
    const object = value as Record<string, unknown>;
    const filled: Record<string, unknown> = {};
    for (const { name, number, type: of } of schema.fields) {
      const given = object[name];
      if (given === undefined || number === undefined) continue;
      const element = elementType(of);
      if (element?.of === "list")
        filled[member(number)] = (given as unknown[]).map((one) => this.#filled(element.element, one));
      else if (element)
        filled[member(number)] = Object.fromEntries(
          Object.entries(given as object).map(([key, one]) => [key, this.#filled(element.element, one)]),
        );
      else filled[member(number)] = this.#filled(of, given);
    }
    for (const { number, type: of } of schema.inline ?? []) filled[member(number)] = this.#filled(of, object);
    return filled;
  }
}

/** A name that protobufjs takes for one message, whatever is in it. */
function id(type: string): string {
  return `T${Buffer.from(type).toString("hex")}`;
}

/** Names like `$schema` are none that protobufjs takes. */
function member(number: number): string {
  return `f${number}`;
}
