/**
 * So many may be taken at once. Nobody may take so many that there is none left for one user more: alone one has at most
 * half, two have a third each.
 */
export class Seats {
  readonly #limit: number;
  readonly #taken = new Map<string, number>();
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  /** @returns whether there was one for this user */
  takeIfFree(user: string): boolean {
    const own = this.#taken.get(user) ?? 0;
    const users = this.#taken.size + (own === 0 ? 1 : 0);
    const share = Math.max(1, Math.floor(this.#limit / (users + 1)));
    if (this.#count >= this.#limit || own >= share) return false;
    this.take(user);
    return true;
  }

  /** Whether or not there is one. */
  take(user: string): void {
    this.#taken.set(user, (this.#taken.get(user) ?? 0) + 1);
    this.#count++;
  }

  leave(user: string): void {
    const left = (this.#taken.get(user) ?? 0) - 1;
    if (left > 0) this.#taken.set(user, left);
    else this.#taken.delete(user);
    this.#count--;
  }
}
