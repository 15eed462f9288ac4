/**
 * By area and scenario: the exchanges, counted from 0, that ours still answers in another way. They are played and not
 * compared; one that is answered alike again is told, so that the list grows no older than it must.
 */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  pods: {
    "pods with resources": [10, 12],
    "pods with hooks": [5, 6],
    "pods with environments": [11],
    "pods with containers": [19, 27, 29],
    "pods with specs": [25, 31, 40, 45, 47],
    "pods with tolerations": [5, 6],
    "pods with affinity": [12],
    "pods with volumes": [18, 19, 27, 32],
    "changes of a pod": [3, 5, 10, 11, 12, 13],
    "subresources of a pod": [6, 7, 8, 9, 10, 11, 12, 15],
  },
  "workloads-containers": {
    "container ports": [20],
    lifecycle: [11, 12],
    "container environment": [22, 32],
    "container resources": [5, 13, 17],
    "container security contexts": [10, 17, 25, 27, 28],
    "volume mounts": [18, 20, 21, 22],
  },
  "workloads-pods": {
    "pod metadata": [16, 17, 18, 20, 21],
    "pod members": [39, 40, 41, 63, 66],
    tolerations: [10],
    affinity: [12],
    "pod security contexts": [17, 19, 20],
    volumes: [31, 33, 34, 42, 43, 44, 49, 58, 62, 63, 64],
  },
  "workloads-updates": {
    "changes of a pod": [1, 5, 7, 8, 9, 15, 17, 18, 24],
    "scheduling gates": [7],
    "ephemeral containers": [3],
    resize: [10],
    "changes of a job": [6, 7, 9],
  },
  workloads: {
    "job names": [1],
  },
};
