import { describe, expect, it } from "vitest";
import { type ContractName, contracts, describeContract, type DescriptorNode } from "./index.ts";

function methodsOf(contract: ContractName): { name: string; options: Record<string, unknown> | undefined }[] {
  const found: { name: string; options: Record<string, unknown> | undefined }[] = [];
  const walk = (node: DescriptorNode, path: string): void => {
    for (const [name, method] of Object.entries(node.methods ?? {})) {
      const options = method.parsedOptions?.map((option) => option["(berth.options.v1.verb)"]).find(Boolean);
      found.push({ name: `${path}/${name}`, options: options as Record<string, unknown> | undefined });
    }
    for (const [name, child] of Object.entries(node.nested ?? {}))
      walk(child, path ? `${path}.${name}` : name);
  };
  walk(describeContract(contract), "");
  return found;
}

describe.each(Object.keys(contracts) as ContractName[])("every rpc of %s", (contract) => {
  const methods = methodsOf(contract);

  it("says what a caller may rely on", () => {
    expect(methods.filter(({ options }) => !options).map(({ name }) => name)).toEqual([]);
  });

  it("retries only what may be repeated", () => {
    const wrong = methods.filter(({ options }) => options?.["retryable"] && !options["idempotent"]);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("counts whatever changes nothing as repeatable", () => {
    const wrong = methods.filter(({ options }) => options?.["read_only"] && !options["idempotent"]);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
