import { type ApiObject, ApiError, type ResourceClient, type Scope } from "./contracts.ts";

/**
 * Resolves with the first state of one object for which `until` holds; `undefined` stands for an object that is not
 * there. Watches, never polls.
 * @throws the signal's reason when it aborts first
 */
export async function waitFor<T extends ApiObject>(
  client: ResourceClient<T>,
  name: string,
  until: (object: T | undefined) => boolean,
  scope: Scope = {},
): Promise<T | undefined> {
  const fieldSelector = `metadata.name=${name}`;
  for (;;) {
    const list = await client.list({ ...scope, fieldSelector });
    let object: T | undefined = list.items[0];
    if (until(object)) return object;
    try {
      for await (const event of client.watch({
        ...scope,
        fieldSelector,
        resourceVersion: list.resourceVersion,
      })) {
        if (event.type === "BOOKMARK") continue;
        object = event.type === "DELETED" ? undefined : event.object;
        if (until(object)) return object;
      }
    } catch (error) {
      if (!ApiError.is(error, "Expired")) throw error;
    }
    scope.signal?.throwIfAborted();
  }
}
