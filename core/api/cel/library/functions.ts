import type { Overload } from "../declarations.ts";
import { addressLibrary } from "./addresses.ts";
import { authorizerLibrary } from "./authorizers.ts";
import { conversionLibrary } from "./conversions.ts";
import { listLibrary } from "./lists.ts";
import { namedFormatLibrary } from "./named-formats.ts";
import { optionalLibrary } from "./optionals.ts";
import { patchLibrary } from "./patches.ts";
import { quantityLibrary } from "./quantities.ts";
import { regexLibrary } from "./regexes.ts";
import { semverLibrary } from "./semvers.ts";
import { standardLibrary } from "./standard.ts";
import { stringLibrary } from "./strings.ts";
import { timeLibrary } from "./times.ts";
import { urlLibrary } from "./urls.ts";

/** Every function of Kubernetes' environment, by name. */
export class FunctionTable {
  readonly #members: ReadonlyMap<string, readonly Overload[]>;
  readonly #globals: ReadonlyMap<string, readonly Overload[]>;

  constructor(overloads: readonly Overload[] = kubernetesFunctions()) {
    this.#members = Map.groupBy(
      overloads.filter(({ member }) => member),
      ({ name }) => name,
    );
    this.#globals = Map.groupBy(
      overloads.filter(({ member }) => !member),
      ({ name }) => name,
    );
  }

  members(name: string): readonly Overload[] {
    return this.#members.get(name) ?? [];
  }

  globals(name: string): readonly Overload[] {
    return this.#globals.get(name) ?? [];
  }
}

function kubernetesFunctions(): Overload[] {
  return [
    ...standardLibrary(),
    ...conversionLibrary(),
    ...timeLibrary(),
    ...stringLibrary(),
    ...listLibrary(),
    ...regexLibrary(),
    ...optionalLibrary(),
    ...urlLibrary(),
    ...addressLibrary(),
    ...quantityLibrary(),
    ...semverLibrary(),
    ...namedFormatLibrary(),
    ...authorizerLibrary(),
    ...patchLibrary(),
  ];
}
