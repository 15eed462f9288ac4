/**
 * By area and scenario: the exchanges, counted from 0, that ours still answers in another way. They are played and not
 * compared; one that is answered alike again is told, so that the list grows no older than it must.
 */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  pods: {
    "changes of a pod": [13],
  },
  "workloads-updates": {
    "changes of a pod": [23, 24],
    "status of a pod": [2, 6, 7, 8, 10],
    bindings: [8],
    evictions: [6],
    "scale of deployments": [9],
    "scale of replicasets": [9],
    "scale of statefulsets": [9],
    "changes of daemonsets": [2, 11],
    "changes of statefulsets": [14],
    "changes of a job": [3, 6, 7, 9, 10, 18, 19, 20, 21, 22, 23],
  },
  workloads: {
    deployments: [12],
    "replica sets": [12],
    "daemon sets": [12],
    "stateful sets": [7, 9, 12, 49, 50, 53, 54],
    jobs: [24, 27, 39],
    "job names": [1],
  },
};
