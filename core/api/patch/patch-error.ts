import { BerthError } from "@berth/base";

/** The patch itself is not well formed; answered with 400 BadRequest. */
export const malformedPatch = BerthError.define({
  code: "BERTH_API_MALFORMED_PATCH",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Correct the patch: the message names the operation or the directive that cannot be read.",
});

/** The patch is well formed and does not fit the object as it is; answered with 422 Invalid. */
export const patchDoesNotApply = BerthError.define({
  code: "BERTH_API_PATCH_DOES_NOT_APPLY",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "cluster user",
  next: "Read the object again and make the patch from what it holds now.",
});
