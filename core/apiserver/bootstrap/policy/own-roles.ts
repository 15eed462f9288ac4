/**
 * What our control plane may do beyond upstream's: it does for all controllers what upstream's does with a service account
 * for each. Garbage collection and namespace deletion reach every kind there is; what it may not do is install plugins.
 * Written as {@link rolesOf} reads it.
 */
export const ownRoles = `
berth:kube-controller-manager
  get,list,watch,create,delete,deletecollection,patch,update * *
  escalate rbac.authorization.k8s.io clusterroles
  approve,sign certificates.k8s.io signers
  create core serviceaccounts/token
  get at /api,/api/*,/apis,/apis/*

berth:kube-scheduler
  get,list,watch core namespaces
  patch,update core persistentvolumeclaims
  get,list,watch node.k8s.io runtimeclasses
  get,list,watch scheduling.k8s.io priorityclasses
  get,list,watch storage.k8s.io csidrivers,csistoragecapacities,volumeattachments
  get,list,watch,create,delete,deletecollection,patch,update coordination.k8s.io leases
  get,list,watch berth.dev plugins,pluginsets,plugininstances
`;
