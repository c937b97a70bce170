{{/* The Lease that the replicas of this release share; a part of the resources has one of its own. */}}
{{- define "thegrid-operator.lease" -}}
{{- $whole := not (or .Values.namespaces .Values.selector) -}}
{{- .Values.leaseName | default (ternary "thegrid-operator" .Release.Name $whole) -}}
{{- end }}

{{/* What the operator may do with resources and what is around them. */}}
{{- define "thegrid-operator.rules" -}}
- apiGroups: [thegrid.ai]
  resources: [gridaccounts, consumptionkeys, supplieregresses]
  verbs: [get, list, watch, patch]
- apiGroups: [thegrid.ai]
  resources: [gridaccounts/status, consumptionkeys/status, supplieregresses/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch, delete]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- if .Values.observePods }}
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
{{- end }}
{{- if or .Values.egress.core .Values.egress.gke (not (kindIs "invalid" .Values.egress.upstreamPriority)) }}
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.egress.cilium }}
- apiGroups: [cilium.io]
  resources: [ciliumnetworkpolicies]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.egress.gke }}
- apiGroups: [networking.gke.io]
  resources: [fqdnnetworkpolicies]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.egress.eks }}
- apiGroups: [networking.k8s.aws]
  resources: [applicationnetworkpolicies]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.egress.ovn }}
- apiGroups: [k8s.ovn.org]
  resources: [egressfirewalls]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.egress.configMaps }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
{{- end }}
{{- if .Values.restartWorkloads }}
# Who may change a pod template can have anything run, so this is given only when asked for.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [get, patch]
{{- end }}
{{- end }}
