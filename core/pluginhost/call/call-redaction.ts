import { type ContractName, type ContractShape, describeContract, shapeOf } from "@berth/proto";
import { Redactor, type ServiceKey, type Verb } from "@berth/verbs";

/** Takes what the contract marks secret out of the messages of one verb. */
export interface VerbRedaction {
  request(message: unknown): unknown;
  response(message: unknown): unknown;
}

/** The redactions of all verbs, each made when it is first asked for. */
export class CallRedaction {
  readonly #contracts = new Map<ContractName, { redactor: Redactor; shape: ContractShape }>();
  readonly #verbs = new Map<string, VerbRedaction>();

  of(key: ServiceKey, verb: Verb): VerbRedaction {
    let redaction = this.#verbs.get(verb.name);
    if (!redaction) this.#verbs.set(verb.name, (redaction = this.#make(key, verb)));
    return redaction;
  }

  #make({ contract, name }: ServiceKey, { method, definition }: Verb): VerbRedaction {
    const { redactor, shape } = this.#contract(contract);
    const types = shape.services[name]?.[method];
    if (!types) throw new Error(`contract ${contract} has no ${name}/${method}`);
    return {
      // A stream of requests is no message that could be kept.
      request: (message) => (definition.requestStream ? undefined : redactor.redact(types.request, message)),
      response: (message) => redactor.redact(types.response, message),
    };
  }

  #contract(name: ContractName): { redactor: Redactor; shape: ContractShape } {
    let known = this.#contracts.get(name);
    if (!known) {
      const descriptor = describeContract(name);
      known = { redactor: new Redactor(descriptor), shape: shapeOf(descriptor) };
      this.#contracts.set(name, known);
    }
    return known;
  }
}
