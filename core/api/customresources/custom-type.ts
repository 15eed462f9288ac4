import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "../generated/types.ts";
import type { TypeLookup } from "../schema/type-schema.ts";
import { hasDefaults, type Schema } from "./schema.ts";
import { schemaTypes } from "./schema-types.ts";
import { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { compareVersions } from "../discovery/groups.ts";
import { CelRules } from "./cel-rules.ts";
import { checkDistinct } from "./check-distinct.ts";
import { checkEmbedded, hasEmbedded } from "./check-embedded.ts";
import { ValueChecker } from "./check-value.ts";

/** Paths of a custom resource's scale, as its definition tells them: `.spec.replicas`. */
export interface ScalePaths {
  readonly replicas: string;
  readonly statusReplicas: string;
  readonly selector?: string;
}

/** What a CustomResourceDefinition says of one version, beyond the row of its kind. */
export class CustomType {
  /** Name of the definition: `crontabs.stable.example.com`. */
  readonly definition: string;
  readonly schema: Schema;
  readonly scale: ScalePaths | undefined;
  /** JSON paths that field selectors may name. */
  readonly selectable: readonly string[];
  /** Objects of several versions may lie in the store. */
  readonly storedVersions: readonly string[];
  readonly conversion: NonNullable<CustomResourceDefinition["spec"]["conversion"]>;
  /** Told to whoever uses this version. */
  readonly warning: string | undefined;
  /** The definition is being deleted: nothing new may be made. */
  readonly terminating: boolean;
  #types: TypeLookup | undefined;
  #checker: ValueChecker | undefined;
  #rules: CelRules | undefined;
  #hasDefaults: boolean | undefined;
  #hasEmbedded: boolean | undefined;

  constructor(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion) {
    const { metadata, spec, status } = definition;
    this.definition = metadata.name;
    this.schema = version.schema?.openAPIV3Schema ?? open;
    const scale = version.subresources?.scale;
    this.scale = scale && {
      replicas: scale.specReplicasPath,
      statusReplicas: scale.statusReplicasPath,
      ...(scale.labelSelectorPath ? { selector: scale.labelSelectorPath } : {}),
    };
    this.selectable = (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath);
    this.storedVersions = status?.storedVersions ?? [];
    this.conversion = spec.conversion ?? { strategy: "None" };
    this.warning = version.deprecated
      ? (version.deprecationWarning ?? deprecation(definition, version.name))
      : undefined;
    this.terminating = metadata.deletionTimestamp !== undefined;
  }

  /** How writers share its fields. */
  get types(): TypeLookup {
    return (this.#types ??= schemaTypes(this.schema));
  }

  /**
   * What its schema and its rules find wrong.
   * @param old what the object was; absent for a new one
   * @param warnings of what is wrong, and was before
   */
  check(object: JsonObject, old: JsonObject | undefined, errors: FieldErrors, warnings: string[] = []): void {
    this.#checker ??= new ValueChecker(this.schema);
    this.#rules ??= new CelRules(this.schema);
    const before = errors.list.length;
    this.#checker.check(object, errors, old);
    if ((this.#hasEmbedded ??= hasEmbedded(this.schema)))
      checkEmbedded(this.schema, object, undefined, errors);
    this.#checkDistinct(object, old, errors);
    if (this.#rules.isEmpty) return;
    if (errors.list.slice(before).some(({ reason }) => blocking.has(reason)))
      errors.invalid(FieldPath.of("<nil>"), null, notChecked);
    else this.#rules.check(object, old, errors, warnings);
  }

  /** What stood there twice may go on doing so. */
  #checkDistinct(object: JsonObject, old: JsonObject | undefined, errors: FieldErrors): void {
    const found = new FieldErrors();
    checkDistinct(this.schema, object, undefined, found);
    if (found.list.length === 0) return;
    const known = new FieldErrors();
    if (old) checkDistinct(this.schema, old, undefined, known);
    if (known.list.length === 0) errors.list.push(...found.list);
  }

  get hasDefaults(): boolean {
    return (this.#hasDefaults ??= hasDefaults(this.schema));
  }
}

/** Names what to use instead: the best version that is newer and not deprecated itself. */
function deprecation({ spec }: CustomResourceDefinition, name: string): string {
  const { group, names } = spec;
  const [better] = spec.versions
    .filter((one) => one.served && !one.deprecated && compareVersions(one.name, name) < 0)
    .toSorted((a, b) => compareVersions(a.name, b.name));
  const instead = better ? `; use ${group}/${better.name} ${names.kind}` : "";
  return `${group}/${name} ${names.kind} is deprecated${instead}`;
}

/** Rules cannot rely on a value of which this is said. */
const blocking: ReadonlySet<string> = new Set([
  "FieldValueRequired",
  "FieldValueNotSupported",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);
const notChecked =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
