// Named, though unused: a bare import would stand in the declarations, and authors would need the package's types.
import * as metadata from "reflect-metadata";
import { type DependencyContainer, container as root } from "tsyringe";
import { type Disposable, DisposableStack, type Token } from "@berth/base";

void metadata;

/** The parts of one configuration of a plugin, made when first asked for and one of each. */
export interface Parts {
  get<T>(token: Token<T>): T;
  /** What must be undone when this configuration is over. */
  readonly disposables: DisposableStack;
}

/** Where a plugin names its parts. A part with a `dispose` method is disposed with the configuration. */
export interface PartsBinder extends Parts {
  bind<T>(token: Token<T>, make: (parts: Parts) => T): void;
}

/** One child container for one configuration. */
export class ConfigurationParts implements PartsBinder, Disposable {
  readonly label: string;
  readonly disposables: DisposableStack;
  readonly #container: DependencyContainer = root.createChildContainer();
  readonly #made = new Map<symbol, unknown>();
  #making: symbol[] = [];

  constructor(label: string) {
    this.label = label;
    this.disposables = new DisposableStack(label);
  }

  bind<T>(token: Token<T>, make: (parts: Parts) => T): void {
    this.#container.register<T>(token, { useFactory: () => this.#makeOnce(token, make) });
  }

  get<T>(token: Token<T>): T {
    if (!this.#container.isRegistered(token))
      throw new Error(`${this.label} has no part ${token.description}`);
    return this.#container.resolve<T>(token);
  }

  async dispose(): Promise<void> {
    await this.disposables.dispose();
    await this.#container.dispose();
  }

  #makeOnce<T>(token: Token<T>, make: (parts: Parts) => T): T {
    if (this.#made.has(token)) return this.#made.get(token) as T;
    if (this.#making.includes(token)) {
      const ring = [...this.#making.slice(this.#making.indexOf(token)), token];
      throw new Error(`parts need each other: ${ring.map((part) => part.description).join(" → ")}`);
    }
    this.#making.push(token);
    try {
      const part = make(this);
      this.#made.set(token, part);
      if (isDisposable(part)) {
        this.disposables.defer(token.description ?? "part", () => part.dispose());
      }
      return part;
    } finally {
      this.#making.pop();
    }
  }
}

function isDisposable(part: unknown): part is { dispose(): void | Promise<void> } {
  return typeof part === "object" && part !== null && "dispose" in part && typeof part.dispose === "function";
}
