import { member, type Overload } from "../declarations.ts";
import { Opaque } from "../values.ts";

/** What an expression asks an authorizer. */
export interface AuthorizerQuestion {
  readonly verb: string;
  /** Set for a path that is no resource. */
  readonly path?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Somebody else than the one who makes the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

export interface AuthorizerAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string;
}

export type AskAuthorizer = (question: AuthorizerQuestion) => AuthorizerAnswer;

const empty: AuthorizerQuestion = {
  verb: "",
  group: "",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
};

abstract class Check extends Opaque {
  readonly ask: AskAuthorizer;
  readonly question: AuthorizerQuestion;

  constructor(ask: AskAuthorizer, question: AuthorizerQuestion = empty) {
    super();
    this.ask = ask;
    this.question = question;
  }

  equals(other: Check): boolean {
    return this === other;
  }
}

/** The value of the variable `authorizer`. */
export class AuthorizerValue extends Check {
  readonly celType = "kubernetes.authorization.Authorizer";
}

class PathCheck extends Check {
  readonly celType = "kubernetes.authorization.PathCheck";
}

class GroupCheck extends Check {
  readonly celType = "kubernetes.authorization.GroupCheck";
}

/** The value of the variable `authorizer.requestResource`. */
export class ResourceCheck extends Check {
  readonly celType = "kubernetes.authorization.ResourceCheck";
}

class Decision extends Opaque {
  readonly celType = "kubernetes.authorization.Decision";
  readonly answer: AuthorizerAnswer;

  constructor(answer: AuthorizerAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: Decision): boolean {
    return this === other;
  }
}

const k = "kubernetes.authorization";
/** Asking is dear: a few dozen questions use up what an expression may cost. */
const checkCost = 350_000;

/** Kubernetes' `authorizer.group("").resource("pods").namespace("x").check("create").allowed()`. */
export function authorizerLibrary(): Overload[] {
  const asked = ({ ask, question }: Check, verb: string) => new Decision(ask({ ...question, verb }));
  const narrowed = (part: keyof AuthorizerQuestion) =>
    member(
      `${k}.ResourceCheck.${part}(string): ${k}.ResourceCheck`,
      ({ ask, question }: Check, value: string) => new ResourceCheck(ask, { ...question, [part]: value }),
    );
  return [
    member(
      `${k}.Authorizer.path(string): ${k}.PathCheck`,
      ({ ask, question }: Check, path: string) => new PathCheck(ask, { ...question, path }),
    ),
    member(
      `${k}.Authorizer.group(string): ${k}.GroupCheck`,
      ({ ask, question }: Check, group: string) => new GroupCheck(ask, { ...question, group }),
    ),
    member(
      `${k}.Authorizer.serviceAccount(string, string): ${k}.Authorizer`,
      ({ ask, question }: Check, namespace: string, name: string) =>
        new AuthorizerValue(ask, { ...question, serviceAccount: { namespace, name } }),
    ),
    member(
      `${k}.GroupCheck.resource(string): ${k}.ResourceCheck`,
      ({ ask, question }: Check, resource: string) => new ResourceCheck(ask, { ...question, resource }),
    ),
    narrowed("subresource"),
    narrowed("namespace"),
    narrowed("name"),
    member(`${k}.PathCheck.check(string): ${k}.Decision`, asked, () => checkCost),
    member(`${k}.ResourceCheck.check(string): ${k}.Decision`, asked, () => checkCost),
    member(`${k}.Decision.allowed(): bool`, ({ answer }: Decision) => answer.allowed),
    member(`${k}.Decision.reason(): string`, ({ answer }: Decision) => answer.reason),
    member(`${k}.Decision.errored(): bool`, ({ answer }: Decision) => answer.error !== undefined),
    member(`${k}.Decision.error(): string`, ({ answer }: Decision) => answer.error ?? ""),
  ];
}
