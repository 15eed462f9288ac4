/** What stands between a dying namespace and its end. */
export interface Contents {
  /** Groups that could not be asked what they serve: `ice.example.com/v1: why`. */
  readonly undiscovered: readonly string[];
  /** Resources that could not be emptied: `flavours: why`. */
  readonly undeleted: readonly string[];
  /** Resources that are not empty yet, and how many objects there are: `pods.`, `widgets.example.com`. */
  readonly left: ReadonlyMap<string, number>;
  /** Finalizers that keep objects, and how many each. */
  readonly finalizers: ReadonlyMap<string, number>;
}

interface Told {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** In the types, reasons and words that clients look for: True is what is wrong. */
export function namespaceConditions({
  undiscovered,
  undeleted,
  left,
  finalizers,
}: Contents): readonly Told[] {
  const told = (
    type: string,
    isWrong: boolean,
    wrong: readonly [reason: string, message: string],
    right: readonly [reason: string, message: string],
  ): Told => {
    const [reason, message] = isWrong ? wrong : right;
    return { type, status: isWrong ? "True" : "False", reason, message };
  };
  return [
    told(
      "NamespaceDeletionDiscoveryFailure",
      undiscovered.length > 0,
      [
        "DiscoveryFailed",
        `Discovery failed for some groups, ${undiscovered.length} failing: ` +
          `unable to retrieve the complete list of server APIs: ${undiscovered.join(", ")}`,
      ],
      ["ResourcesDiscovered", "All resources successfully discovered"],
    ),
    told(
      "NamespaceDeletionContentFailure",
      undeleted.length > 0,
      [
        "ContentDeletionFailed",
        `Failed to delete all resource types, ${undeleted.length} remaining: ${undeleted.join(", ")}`,
      ],
      ["ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
    ),
    told(
      "NamespaceContentRemaining",
      left.size > 0,
      ["SomeResourcesRemain", `Some resources are remaining: ${counted(left, "has")}`],
      ["ContentRemoved", "All content successfully removed"],
    ),
    told(
      "NamespaceFinalizersRemaining",
      finalizers.size > 0,
      [
        "SomeFinalizersRemain",
        `Some content in the namespace has finalizers remaining: ${counted(finalizers, "in")}`,
      ],
      ["ContentHasNoFinalizers", "All content-preserving finalizers finished"],
    ),
  ];
}

function counted(numbers: ReadonlyMap<string, number>, verb: string): string {
  return [...numbers].map(([what, count]) => `${what} ${verb} ${count} resource instances`).join(", ");
}
