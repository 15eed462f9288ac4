import { type BindToFluentSyntax, ContainerModule, type ServiceIdentifier } from "inversify";
import type { PartRecord } from "./part-record.ts";

type Factory = (...needs: never[]) => unknown;

/**
 * The same module, which also writes down what it declares: names and needs while it is loaded, the time of each
 * factory when it runs. `now` answers milliseconds.
 */
export function recordModule(
  room: string,
  module: ContainerModule,
  records: PartRecord[],
  now: () => number,
): ContainerModule {
  return new ContainerModule((options) =>
    module.load({
      ...options,
      bind: <T>(token: ServiceIdentifier<T>) => recordBinding(room, token, options.bind(token), records, now),
    }),
  );
}

function recordBinding<T>(
  room: string,
  token: ServiceIdentifier<T>,
  binding: BindToFluentSyntax<T>,
  records: PartRecord[],
  now: () => number,
): BindToFluentSyntax<T> {
  return new Proxy(binding, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== "toResolvedValue" || typeof value !== "function") {
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      }
      return (factory: Factory, needs: readonly unknown[] = []) => {
        const record: PartRecord = {
          room,
          name: nameOf(token),
          needs: needs.map(nameOf),
          madeInMs: undefined,
        };
        records.push(record);
        const bindResolved = value.bind(target) as (factory: Factory, needs: readonly unknown[]) => unknown;
        return bindResolved(timed(factory, record, now), needs);
      };
    },
  });
}

function timed(factory: Factory, record: PartRecord, now: () => number): Factory {
  return (...needs) => {
    const start = now();
    const made = factory(...needs);
    const finish = (): void => {
      record.madeInMs = now() - start;
    };
    if (made instanceof Promise) return made.finally(finish);
    finish();
    return made;
  };
}

/** Takes a token, or inversify's inject options around one. */
function nameOf(need: unknown): string {
  const identifier =
    typeof need === "object" && need !== null && "serviceIdentifier" in need ? need.serviceIdentifier : need;
  return typeof identifier === "symbol"
    ? (identifier.description ?? "").replace(/^berth:/, "")
    : String(identifier);
}
