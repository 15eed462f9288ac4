import { BerthError } from "@berth/base";

export const invalidArchive = BerthError.define({
  code: "BERTH_OCI_INVALID_ARCHIVE",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Export the image again (skopeo copy … oci-archive:FILE:NAME) and compare the file's size with the original.",
});

export const invalidReference = BerthError.define({
  code: "BERTH_OCI_INVALID_REFERENCE",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Write the image as [REGISTRY/]NAME[:TAG][@sha256:DIGEST], in lower case.",
});

export const invalidSpec = BerthError.define({
  code: "BERTH_OCI_INVALID_SPEC",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Correct the named field of the pod.",
});
