/**
 * By area and scenario: the exchanges, counted from 0, that ours still answers in another way. They are played and not
 * compared; one that is answered alike again is told, so that the list grows no older than it must.
 */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  applies: {
    "managers of statuses": [3, 4, 6, 7, 8, 9, 10, 11],
    "duplicates in applies": [5, 6],
    "wrong shapes in applies of custom resources": [39],
    "series of applies of custom resources": [16],
    "applies of custom resources without types": [11, 12, 14, 18, 19],
  },
  "custom-changes": {
    "pruning and defaults after a change of the schema": [7, 8, 9, 10, 11, 15, 16],
    "scale and status without their fields": [3, 7, 21],
    "immutable members of definitions": [2, 4, 17, 18, 20, 21, 22],
    "a definition that is going": [6, 7, 8, 10],
    "rivals for names": [5, 11, 17, 23, 29, 35],
    "costs of rules": [5, 9, 12],
  },
  "patches-odd": {
    "operations of JSON patches": [10, 24, 25, 38, 39],
    "limits of JSON patches": [3, 4],
    "nulls in merge patches": [4, 19, 20, 21, 22, 23, 25],
    "empty lists in merge patches": [4, 5, 6, 7],
    "directives in lists": [11],
    "wrong YAML": [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32,
    ],
    "applies of wrong YAML": [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 21, 22, 23, 24, 25, 28, 29, 30, 31, 32,
    ],
    "updates with wrong YAML": [1, 2, 3, 4, 5],
  },
  certificates: {
    "certificate requests that are refused": [3, 4],
    // An owner of what is said with its own time, as far as seconds tell it.
    "lists of certificate requests": [11],
  },
  policies: {
    "validating policies": [38, 44, 46, 47],
    "mutating policies": [16],
    "stored policies": [6],
    "ValidatingWebhookConfiguration checks": [29],
    "MutatingWebhookConfiguration checks": [29],
    "what policies match": [8],
    "policies that cannot change": [33],
  },
  admission: {
    priorities: [19, 20],
    "what a node may do": [38, 45],
    "pod security labels": [6, 9],
    "resource quotas": [1, 16],
    "scoped resource quotas": [1, 4, 7],
  },
  bootstrap: {
    "addresses from the start": [1],
  },
  pods: {
    "changes of a pod": [13],
  },
  "workloads-updates": {
    "changes of a pod": [24],
    "changes of a job": [6, 7, 9],
  },
  workloads: {
    "job names": [1],
  },
  watches: {
    "changes seen of pods": [1, 2, 3, 5],
    "changes seen in other forms": [5],
    "old paths of watches": [11, 12, 16, 36],
    "changes seen of custom resources": [10],
    // Whoever writes a revision that is none is told 400: a mistake of his is no fault of the server.
    "combinations for watches": [80, 93, 94, 95, 96, 97],
    "lists of the past": [19, 20],
  },
  reads: {
    "table 9": [1, 2, 3],
    "table 27": [0, 1, 3, 4, 5],
    "table 29": [0, 1, 3, 4, 5],
    "table 36": [0, 1, 3, 4, 5],
    "table 49": [1, 2, 3, 4, 5],
    "table 53": [0, 3],
    "table 54": [0, 3],
  },
  tables: {
    "kinds of endpoints": [6],
  },
};
