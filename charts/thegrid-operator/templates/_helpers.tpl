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
{{- if .Values.egress.core }}
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, create, patch]
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
