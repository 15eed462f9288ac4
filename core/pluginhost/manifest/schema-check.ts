import { nearestName } from "@berth/base";
import { Ajv, type ErrorObject } from "ajv";

/** A value that satisfied its schema, with the schema's defaults filled in; or every reason why it did not. */
export type SchemaOutcome<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** For a schema of our own: it is not checked against the schema of schemas, nor is its check worth optimising. */
const options = {
  allErrors: true,
  useDefaults: true,
  strict: false,
  verbose: true,
  meta: false,
  validateSchema: false,
  code: { optimize: false },
} as const;

/** More than a sentence can name. */
const manyNames = 12;

/** Compiles a JSON Schema once; the answer checks copies of values against it and fills in its defaults. */
export function compileCheck<T>(schema: object): (value: unknown, root: string) => SchemaOutcome<T> {
  const validate = new Ajv(options).compile(schema);
  return (value, root) => {
    const copy: unknown = structuredClone(value);
    if (validate(copy)) return { ok: true, value: copy as T };
    const problems = (validate.errors ?? []).map((error) => describeProblem(error, root));
    return { ok: false, problems: [...new Set(problems)] };
  };
}

function describeProblem(error: ErrorObject, root: string): string {
  const field = fieldName(root, error.instancePath);
  const parameters = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(parameters["additionalProperty"]);
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      return `${fieldName(field, `/${key}`)} is not a known key${hint(key, known)}`;
    }
    case "required":
      return `${fieldName(field, `/${String(parameters["missingProperty"])}`)} is missing`;
    case "enum": {
      const allowed = parameters["allowedValues"] as unknown[];
      const near = nearestName(String(error.data), allowed.map(String));
      const known = `${field} is ${JSON.stringify(error.data)}, but must be one of ${allowed.join(", ")}`;
      return allowed.length > manyNames && near
        ? `${field} is ${JSON.stringify(error.data)}, which is unknown; did you mean ${near}?`
        : known;
    }
    default:
      return `${field} is ${shorten(error.data)}, but ${error.message ?? "does not satisfy its schema"}`;
  }
}

function hint(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  if (near) return `; did you mean ${near}?`;
  return known.length > 0 ? `; known keys are ${known.join(", ")}` : "; it takes no keys";
}

/** `/daemons/0/id` under `plugin.json` reads `plugin.json: daemons[0].id`. */
function fieldName(root: string, pointer: string): string {
  let name = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (/^\d+$/.test(key)) name += `[${key}]`;
    else name += name.endsWith(".json") ? `: ${key}` : `.${key}`;
  }
  return name;
}

function shorten(data: unknown): string {
  const text = JSON.stringify(data) ?? "absent";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
