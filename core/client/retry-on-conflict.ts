import { ApiError } from "./contracts.ts";

const attempts = 8;

/** Runs a read-change-write step again while somebody else was faster (409 Conflict). The step must read anew itself. */
export async function retryOnConflict<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (attempt >= attempts || !ApiError.is(error, "Conflict")) throw error;
    }
  }
}
