/**
 * What upstream's own types hold of a pod, which it shows where a change is refused: by type, the members in their order. After
 * `=` stands what clients call one that is called otherwise; after `:` what it is where it is absent and not null: an empty text
 * (`s`), false (`b`), 0 (`n`) or an amount of 0 (`q`); that it is a map (`m`); or its type, with `*` or `[]` before it where it
 * may be absent.
 */
export const podSpecMembers: Readonly<Record<string, string>> = {
  PodSpec:
    "Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer RestartPolicy:s TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy:s NodeSelector:m ServiceAccountName:s AutomountServiceAccountToken NodeName:s SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:s Subdomain:s SetHostnameAsFQDN Affinity:*Affinity SchedulerName:s Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:s Priority PreemptionPolicy DNSConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName Overhead:m EnableServiceLinks TopologySpreadConstraints:[]TopologySpreadConstraint OS:*PodOS SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride SchedulingGroup:*PodSchedulingGroup",
  Volume:
    "Name:s HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:*GCEPersistentDiskVolumeSource AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource GitRepo:*GitRepoVolumeSource Secret:*SecretVolumeSource NFS:*NFSVolumeSource ISCSI:*ISCSIVolumeSource Glusterfs:*GlusterfsVolumeSource PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:*RBDVolumeSource Quobyte:*QuobyteVolumeSource FlexVolume:*FlexVolumeSource Cinder:*CinderVolumeSource CephFS:*CephFSVolumeSource Flocker:*FlockerVolumeSource DownwardAPI:*DownwardAPIVolumeSource FC:*FCVolumeSource AzureFile:*AzureFileVolumeSource ConfigMap:*ConfigMapVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource Projected:*ProjectedVolumeSource PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOVolumeSource StorageOS:*StorageOSVolumeSource CSI:*CSIVolumeSource Ephemeral:*EphemeralVolumeSource Image:*ImageVolumeSource",
  Container:
    "Name:s Image:s Command Args WorkingDir:s Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY:b",
  EphemeralContainer:
    "Name:s Image:s Command Args WorkingDir:s Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY:b TargetContainerName:s",
  PodSecurityContext:
    "HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace HostUsers SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls:[]Sysctl SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile SELinuxChangePolicy",
  LocalObjectReference: "Name:s",
  Affinity: "NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAntiAffinity",
  Toleration: "Key:s Operator:s Value:s Effect:s TolerationSeconds",
  HostAlias: "IP:s Hostnames",
  PodDNSConfig: "Nameservers Searches Options:[]PodDNSConfigOption",
  PodReadinessGate: "ConditionType:s",
  TopologySpreadConstraint:
    "MaxSkew:n TopologyKey:s WhenUnsatisfiable:s LabelSelector MinDomains NodeAffinityPolicy NodeTaintsPolicy MatchLabelKeys",
  PodOS: "Name:s",
  PodSchedulingGate: "Name:s",
  PodResourceClaim: "Name:s ResourceClaimName ResourceClaimTemplateName",
  ResourceRequirements: "Limits:m Requests:m Claims:[]ResourceClaim",
  PodSchedulingGroup: "PodGroupName",
  HostPathVolumeSource: "Path:s Type",
  EmptyDirVolumeSource: "Medium:s SizeLimit",
  GCEPersistentDiskVolumeSource: "PDName:s FSType:s Partition:n ReadOnly:b",
  AWSElasticBlockStoreVolumeSource: "VolumeID:s FSType:s Partition:n ReadOnly:b",
  GitRepoVolumeSource: "Repository:s Revision:s Directory:s",
  SecretVolumeSource: "SecretName:s Items:[]KeyToPath DefaultMode Optional",
  NFSVolumeSource: "Server:s Path:s ReadOnly:b",
  ISCSIVolumeSource:
    "TargetPortal:s IQN:s Lun:n ISCSIInterface:s FSType:s ReadOnly:b Portals DiscoveryCHAPAuth=chapAuthDiscovery:b SessionCHAPAuth=chapAuthSession:b SecretRef:*LocalObjectReference InitiatorName",
  GlusterfsVolumeSource: "EndpointsName=endpoints:s Path:s ReadOnly:b",
  PersistentVolumeClaimVolumeSource: "ClaimName:s ReadOnly:b",
  RBDVolumeSource:
    "CephMonitors=monitors RBDImage=image:s FSType:s RBDPool=pool:s RadosUser=user:s Keyring:s SecretRef:*LocalObjectReference ReadOnly:b",
  QuobyteVolumeSource: "Registry:s Volume:s ReadOnly:b User:s Group:s Tenant:s",
  FlexVolumeSource: "Driver:s FSType:s SecretRef:*LocalObjectReference ReadOnly:b Options:m",
  CinderVolumeSource: "VolumeID:s FSType:s ReadOnly:b SecretRef:*LocalObjectReference",
  CephFSVolumeSource: "Monitors Path:s User:s SecretFile:s SecretRef:*LocalObjectReference ReadOnly:b",
  FlockerVolumeSource: "DatasetName:s DatasetUUID:s",
  DownwardAPIVolumeSource: "Items:[]DownwardAPIVolumeFile DefaultMode",
  FCVolumeSource: "TargetWWNs Lun FSType:s ReadOnly:b WWIDs",
  AzureFileVolumeSource: "SecretName:s ShareName:s ReadOnly:b",
  ConfigMapVolumeSource: "Name:s Items:[]KeyToPath DefaultMode Optional",
  VsphereVirtualDiskVolumeSource: "VolumePath:s FSType:s StoragePolicyName:s StoragePolicyID:s",
  AzureDiskVolumeSource: "DiskName:s DataDiskURI=diskURI:s CachingMode FSType ReadOnly Kind",
  PhotonPersistentDiskVolumeSource: "PdID:s FSType:s",
  ProjectedVolumeSource: "Sources:[]VolumeProjection DefaultMode",
  PortworxVolumeSource: "VolumeID:s FSType:s ReadOnly:b",
  ScaleIOVolumeSource:
    "Gateway:s System:s SecretRef:*LocalObjectReference SSLEnabled:b ProtectionDomain:s StoragePool:s StorageMode:s VolumeName:s FSType:s ReadOnly:b",
  StorageOSVolumeSource: "VolumeName:s VolumeNamespace:s FSType:s ReadOnly:b SecretRef:*LocalObjectReference",
  CSIVolumeSource: "Driver:s ReadOnly FSType VolumeAttributes:m NodePublishSecretRef:*LocalObjectReference",
  EphemeralVolumeSource: "VolumeClaimTemplate:*PersistentVolumeClaimTemplate",
  ImageVolumeSource: "Reference:s PullPolicy:s",
  ContainerPort: "Name:s HostPort:n ContainerPort:n Protocol:s HostIP:s",
  EnvFromSource: "Prefix:s ConfigMapRef:*ConfigMapEnvSource SecretRef:*SecretEnvSource",
  EnvVar: "Name:s Value:s ValueFrom:*EnvVarSource",
  ContainerResizePolicy: "ResourceName:s RestartPolicy:s",
  ContainerRestartRule: "Action:s ExitCodes:*ContainerRestartRuleOnExitCodes",
  VolumeMount: "Name:s ReadOnly:b RecursiveReadOnly MountPath:s SubPath:s MountPropagation SubPathExpr:s",
  VolumeDevice: "Name:s DevicePath:s",
  Probe:
    "Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction GRPC:*GRPCAction InitialDelaySeconds:n TimeoutSeconds:n PeriodSeconds:n SuccessThreshold:n FailureThreshold:n TerminationGracePeriodSeconds",
  Lifecycle: "PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal",
  SecurityContext:
    "Capabilities:*Capabilities Privileged SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile",
  SELinuxOptions: "User:s Role:s Type:s Level:s",
  WindowsSecurityContextOptions: "GMSACredentialSpecName GMSACredentialSpec RunAsUserName HostProcess",
  Sysctl: "Name:s Value:s",
  SeccompProfile: "Type:s LocalhostProfile",
  AppArmorProfile: "Type:s LocalhostProfile",
  NodeAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm",
  PodAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm",
  PodAntiAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm",
  PodDNSConfigOption: "Name:s Value",
  ResourceClaim: "Name:s Request:s",
  KeyToPath: "Key:s Path:s Mode",
  DownwardAPIVolumeFile: "Path:s FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode",
  VolumeProjection:
    "Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ConfigMapProjection ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection PodCertificate:*PodCertificateProjection",
  PersistentVolumeClaimTemplate: "Spec:PersistentVolumeClaimSpec",
  ConfigMapEnvSource: "Name:s Optional",
  SecretEnvSource: "Name:s Optional",
  EnvVarSource:
    "FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*ConfigMapKeySelector SecretKeyRef:*SecretKeySelector FileKeyRef:*FileKeySelector",
  ContainerRestartRuleOnExitCodes: "Operator:s Values",
  ExecAction: "Command",
  HTTPGetAction: "Path:s Port:n Host:s Scheme:s HTTPHeaders:[]HTTPHeader",
  TCPSocketAction: "Port:n Host:s",
  GRPCAction: "Port:n Service",
  LifecycleHandler: "Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction Sleep:*SleepAction",
  Capabilities: "Add Drop",
  NodeSelector: "NodeSelectorTerms:[]NodeSelectorTerm",
  PreferredSchedulingTerm: "Weight:n Preference:NodeSelectorTerm",
  PodAffinityTerm:
    "LabelSelector Namespaces TopologyKey:s NamespaceSelector MatchLabelKeys MismatchLabelKeys",
  WeightedPodAffinityTerm: "Weight:n PodAffinityTerm:PodAffinityTerm",
  ObjectFieldSelector: "APIVersion:s FieldPath:s",
  ResourceFieldSelector: "ContainerName:s Resource:s Divisor:q",
  SecretProjection: "Name:s Items:[]KeyToPath Optional",
  DownwardAPIProjection: "Items:[]DownwardAPIVolumeFile",
  ConfigMapProjection: "Name:s Items:[]KeyToPath Optional",
  ServiceAccountTokenProjection: "Audience:s ExpirationSeconds:n Path:s",
  ClusterTrustBundleProjection: "Name SignerName LabelSelector Optional Path:s",
  PodCertificateProjection:
    "SignerName:s KeyType:s MaxExpirationSeconds CredentialBundlePath:s KeyPath:s CertificateChainPath:s UserAnnotations:m",
  PersistentVolumeClaimSpec:
    "AccessModes Selector Resources:VolumeResourceRequirements VolumeName:s StorageClassName VolumeMode DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference VolumeAttributesClassName",
  ConfigMapKeySelector: "Name:s Key:s Optional",
  SecretKeySelector: "Name:s Key:s Optional",
  FileKeySelector: "VolumeName:s Path:s Key:s Optional",
  HTTPHeader: "Name:s Value:s",
  SleepAction: "Seconds:n",
  NodeSelectorTerm: "MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement",
  VolumeResourceRequirements: "Limits:m Requests:m",
  TypedLocalObjectReference: "APIGroup Kind:s Name:s",
  TypedObjectReference: "APIGroup Kind:s Name:s Namespace",
  NodeSelectorRequirement: "Key:s Operator:s Values",
};
