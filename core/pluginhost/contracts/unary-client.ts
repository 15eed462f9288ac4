/** Limits that a caller sets to one call. */
export interface CallOptions {
  /** Milliseconds; the verb's own deadline from the proto options when absent. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** Maps a generated service definition to promise-returning methods in camelCase; streams are left out. */
export type UnaryClient<Definition> = {
  [
    Method in keyof Definition as string extends Method ? never : Uncapitalize<Method & string>
  ]: Definition[Method] extends {
    requestSerialize: (value: infer Request) => Buffer;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;
};
