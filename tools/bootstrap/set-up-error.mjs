/** A set-up step that a person must help with: `message` says what failed and why, `next` what to do. */
export class SetUpError extends Error {
  constructor(message, next) {
    super(message);
    this.next = next;
  }
}
