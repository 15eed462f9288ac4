import { dnsLabelRule, dnsSubdomainRule } from "../../api/index.ts";
import { type Attributes, type Authorizer, refusal } from "../authz/authorizer.ts";
import type { User } from "../request/request.ts";
import { extraProblem } from "./impersonated-extra.ts";

const reviews = "authentication.k8s.io";
const nodePrefix = "system:node:";
const nodeNameKey = "authentication.kubernetes.io/node-name";
/** From so many groups or values on, one question about all of them is asked first. */
const many = 4;
/** Of whom it is remembered how he impersonated last. */
const mostRemembered = 10_000;

interface Mode {
  /** Undefined for the way that needs one right alone, `impersonate`, whatever is done then. */
  readonly constraint: string | undefined;
  readonly fits: (wanted: User, requestor: User) => boolean;
}

const modes: readonly Mode[] = [
  { constraint: "associated-node", fits: isOnNode },
  {
    constraint: "arbitrary-node",
    fits: (wanted) => isBare(wanted) && nodeOf(wanted.name) !== undefined,
  },
  {
    constraint: "serviceaccount",
    fits: (wanted) => isBare(wanted) && accountOf(wanted.name) !== undefined,
  },
  {
    constraint: "user-info",
    fits: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined,
  },
  { constraint: undefined, fits: () => true },
];

/** Decides who may be somebody else: by what he does then, where that is said, and otherwise by whom he wants to be alone. */
export class ImpersonationModes {
  readonly #authorizer: Authorizer;
  /** By requestor, the mode that served him last: its questions come first, and so does its refusal. */
  readonly #last = new Map<string, Mode>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /**
   * Who he is from now on.
   * @param asked what he does as the other
   * @throws StatusError 403 of the mode that was tried first
   */
  become(wanted: User, requestor: User, asked: Attributes): User {
    const last = this.#last.get(requestor.name);
    const order = last ? [last, ...modes.filter((mode) => mode !== last)] : modes;
    let first: unknown;
    for (const mode of order.filter(({ fits }) => fits(wanted, requestor))) {
      try {
        const user = new Attempt(this.#authorizer, mode.constraint, requestor).become(wanted, asked);
        this.#remember(requestor.name, mode);
        return user;
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  #remember(name: string, mode: Mode): void {
    if (this.#last.get(name) === mode) return;
    const [oldest] = this.#last.keys();
    if (this.#last.size >= mostRemembered && oldest !== undefined) this.#last.delete(oldest);
    this.#last.set(name, mode);
  }
}

/** One mode for one request. */
class Attempt {
  readonly #authorizer: Authorizer;
  readonly #constraint: string | undefined;
  readonly #requestor: User;
  readonly #verb: string;

  constructor(authorizer: Authorizer, constraint: string | undefined, requestor: User) {
    this.#authorizer = authorizer;
    this.#constraint = constraint;
    // The right holds on whichever node the account's pods run.
    this.#requestor = constraint === "associated-node" ? withoutNode(requestor) : requestor;
    this.#verb = constraint === undefined ? "impersonate" : `impersonate:${constraint}`;
  }

  become(wanted: User, asked: Attributes): User {
    if (this.#constraint !== undefined)
      this.#demand({ ...asked, verb: `impersonate-on:${this.#constraint}:${asked.verb}` });
    const implied = this.#demandName(wanted);
    if (wanted.uid !== undefined) this.#demand(this.#about(reviews, "uids", wanted.uid));
    this.#demandGroups(wanted.groups);
    this.#demandExtra(wanted.extra ?? {});
    return { ...wanted, groups: wanted.groups.length > 0 ? wanted.groups : implied };
  }

  /** The groups that come with the name. */
  #demandName({ name }: User): readonly string[] {
    const group = this.#constraint === undefined ? "" : reviews;
    const account = accountOf(name);
    if (account) {
      this.#demand({ ...this.#about(group, "serviceaccounts", account.name), namespace: account.namespace });
      return ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
    }
    const node = this.#constraint === undefined ? undefined : nodeOf(name);
    if (node === undefined) {
      this.#demand(this.#about(group, "users", name));
      return [];
    }
    this.#demand(this.#about(group, "nodes", this.#constraint === "associated-node" ? "*" : node));
    return ["system:nodes"];
  }

  #demandGroups(groups: readonly string[]): void {
    const isConstrained = this.#constraint !== undefined;
    const about = (name: string): Attributes => this.#about(isConstrained ? reviews : "", "groups", name);
    if (isConstrained && groups.includes(""))
      throw this.#refusal(about(""), "impersonating the empty string group is not allowed");
    if (isConstrained && groups.includes("system:masters"))
      throw this.#refusal(about("system:masters"), "impersonating the system:masters group is not allowed");
    if (isConstrained && groups.length >= many && this.#may(about("*"))) return;
    for (const group of groups) this.#demand(about(group));
  }

  #demandExtra(extra: Readonly<Record<string, readonly string[]>>): void {
    const pairs = Object.entries(extra).flatMap(([key, values]) => values.map((value) => ({ key, value })));
    if (pairs.length === 0) return;
    const about = (key: string, value: string): Attributes => ({
      ...this.#about(reviews, "userextras", value),
      subresource: key,
    });
    if (this.#constraint !== undefined) {
      const problem = extraProblem(extra);
      if (problem !== undefined) throw this.#refusal(about("", ""), problem);
      if (pairs.length >= many && this.#may(about("*", "*"))) return;
    }
    for (const { key, value } of pairs) this.#demand(about(key, value));
  }

  #about(group: string, resource: string, name: string): Attributes & { readonly isResource: true } {
    const verb = this.#verb;
    return { isResource: true, verb, group, version: "v1", resource, subresource: "", namespace: "", name };
  }

  #may(asked: Attributes): boolean {
    return this.#authorizer.authorize(this.#requestor, asked)?.allowed ?? false;
  }

  #demand(asked: Attributes): void {
    const decision = this.#authorizer.authorize(this.#requestor, asked);
    if (!decision?.allowed) throw this.#refusal(asked, decision?.reason ?? "");
  }

  #refusal(asked: Attributes, reason: string): Error {
    return refusal(this.#requestor, asked, reason);
  }
}

function isBare({ uid, groups, extra }: User): boolean {
  return uid === undefined && groups.length === 0 && extra === undefined;
}

/** Whether a service account asks to be the node that its token says its pod runs on. */
function isOnNode(wanted: User, { name, extra }: User): boolean {
  const node = nodeOf(wanted.name);
  const bound = extra?.[nodeNameKey] ?? [];
  const isItsOwn = node !== undefined && bound.length === 1 && bound[0] === node;
  return isItsOwn && isBare(wanted) && accountOf(name) !== undefined;
}

function withoutNode(user: User): User {
  const keys = Object.keys(user.extra ?? {}).toSorted();
  return { ...user, extra: { "authentication.kubernetes.io/associated-node-keys": keys } };
}

function nodeOf(name: string): string | undefined {
  if (!name.startsWith(nodePrefix)) return undefined;
  const node = name.slice(nodePrefix.length);
  return dnsSubdomainRule(node).length === 0 ? node : undefined;
}

function accountOf(user: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const isFit = dnsLabelRule(namespace).length === 0 && dnsSubdomainRule(name).length === 0;
  return isFit ? { namespace, name } : undefined;
}
