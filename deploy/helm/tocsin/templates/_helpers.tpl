{{/* Names and labels. */}}
{{- define "tocsin.fullname" -}}
{{- if contains "tocsin" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-tocsin" (.Release.Name | trunc 43 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "tocsin.selector" -}}
app.kubernetes.io/name: tocsin
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tocsin.labels" -}}
{{ include "tocsin.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Below, what takes a role is given (dict "root" $ "role" "fetcher" "own" <its values>). */}}

{{- define "tocsin.image" -}}
{{- with .root.Values.image -}}
{{ with .registry }}{{ . }}/{{ end }}{{ .prefix }}{{ $.image | default $.role }}:{{ .tag | default $.root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The queue each kind of worker reads: shared/pipeline.py. A test compares them. */}}
{{- define "tocsin.queue" -}}
{{- get (dict "fetcher" "fetch" "extractor" "extract" "classifier" "classify" "indexer" "index" "notifier" "notify") . -}}
{{- end }}

{{- define "tocsin.hasPages" -}}{{ if has .role (list "fetcher" "extractor" "backup") }}yes{{ end }}{{- end }}
{{- define "tocsin.hasIndex" -}}{{ if has .role (list "indexer" "notifier" "api" "setup" "backup") }}yes{{ end }}{{- end }}
{{/* Who it is to the servers. Setup and backup may do more in Elasticsearch than any worker, the backup in Redis, too. */}}
{{- define "tocsin.redisRole" -}}{{ get (dict "setup" "api" "backup" "operator") .role | default .role }}{{- end }}

{{/* Passwords come first: $(NAME) stands only for what was named before it. */}}
{{- define "tocsin.env" -}}
{{- $redis := .root.Values.redis -}}
{{- $user := $redis.auth.username -}}
{{- $redisRole := include "tocsin.redisRole" . -}}
{{- if $redis.auth.existingSecret }}
- name: REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $redis.auth.existingSecret }}, key: {{ ternary $redisRole $redis.auth.key $redis.auth.perRole }}}}
{{- $user = printf "%s:$(REDIS_PASSWORD)@" (ternary $redisRole $redis.auth.username $redis.auth.perRole) }}
{{- end }}
{{- if $redis.master }}
{{- $query := printf "?master=%s" $redis.master }}
{{- if $redis.auth.sentinelKey }}
- name: SENTINEL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $redis.auth.existingSecret }}, key: {{ $redis.auth.sentinelKey }}}}
{{- $query = printf "%s&sentinel_password=$(SENTINEL_PASSWORD)" $query }}
{{- end }}
- name: TOCSIN_REDIS_URL
  value: {{ printf "sentinel://%s%s/%d%s" $user (join "," $redis.addresses) (int $redis.database) $query | quote }}
{{- else }}
- name: TOCSIN_REDIS_URL
  value: {{ printf "%s://%s%s/%d" (ternary "rediss" "redis" $redis.tls) $user (first $redis.addresses) (int $redis.database) | quote }}
{{- end }}
{{- if include "tocsin.hasIndex" . }}
{{- $index := .root.Values.elasticsearch }}
{{- $parts := urlParse $index.url }}
{{- if $index.auth.existingSecret }}
{{- $setup := has .role (list "setup" "backup") }}
{{- $name := $index.auth.username }}
{{- $key := $index.auth.key }}
{{- if $index.auth.perRole }}
{{- $name = ternary .root.Values.setup.username (printf "tocsin-%s" .role) $setup }}
{{- $key = ternary .root.Values.setup.key .role $setup }}
{{- end }}
- name: ELASTICSEARCH_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $index.auth.existingSecret }}, key: {{ $key }}}}
- name: TOCSIN_ELASTICSEARCH_URL
  value: {{ printf "%s://%s:$(ELASTICSEARCH_PASSWORD)@%s%s" $parts.scheme $name $parts.host $parts.path | quote }}
{{- else }}
- name: TOCSIN_ELASTICSEARCH_URL
  value: {{ $index.url | quote }}
{{- end }}
{{- end }}
{{- if and (eq .role "setup") .own.kibana }}
- name: TOCSIN_ELASTICSEARCH_PASSWORD_ELASTIC
  valueFrom: {secretKeyRef: {name: {{ required "setup.kibana needs elasticsearch.auth.existingSecret" .root.Values.elasticsearch.auth.existingSecret }}, key: {{ .own.kibanaKey }}}}
{{- end }}
{{- if include "tocsin.hasPages" . }}
{{- $pages := .root.Values.pageStore }}
- name: TOCSIN_PAGE_STORE_URL
  value: {{ $pages.url | quote }}
{{- with $pages.region }}
- name: AWS_REGION
  value: {{ . | quote }}
{{- end }}
{{- with $pages.endpoint }}
- name: AWS_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
{{- $secret := $pages.existingSecret }}
{{- if and (eq .role "extractor") $pages.readerSecret }}{{ $secret = $pages.readerSecret }}{{ end }}
{{- if $secret }}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: {{ . }}}}
{{- end }}
{{- end }}
{{- end }}
{{- if and .root.Values.metrics.enabled (not (has .role (list "api" "setup" "backup"))) }}
- name: TOCSIN_METRICS_PORT
  value: {{ .root.Values.metrics.port | quote }}
- name: TOCSIN_METRICS_HOST
  value: 0.0.0.0
{{- end }}
{{- $settings := merge (dict) (.own.settings | default dict) .root.Values.settings }}
{{- if and (eq .role "api") (not (hasKey $settings "TOCSIN_API_HOSTS")) }}
{{- $name := printf "%s-api" (include "tocsin.fullname" .root) }}
{{- $inside := printf "%s.%s" $name .root.Release.Namespace }}
- name: TOCSIN_API_HOSTS
  value: {{ list "localhost" $name $inside (printf "%s.svc" $inside) (printf "%s.svc.cluster.local" $inside) .own.ingress.host | compact | join "," | quote }}
{{- end }}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $name, $from := .own.secretSettings }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.name }}, key: {{ $from.key }}}}
{{- end }}
{{- end }}

{{/* What all pods have in common. The same hardening as in docker-compose.yml. */}}
{{- define "tocsin.pod" -}}
serviceAccountName: {{ include "tocsin.fullname" .root }}{{ if include "tocsin.hasPages" . }}-pages{{ end }}
{{- include "tocsin.podHardening" . }}
terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "tocsin.selector" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
volumes:
  - name: tmp
    emptyDir: {medium: Memory, sizeLimit: {{ .own.tmp | default "64Mi" }}}
  {{- with .claim }}
  - name: backup
    persistentVolumeClaim: {claimName: {{ . }}}
  {{- end }}
{{- end }}

{{- define "tocsin.podHardening" }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tocsin.container" -}}
name: {{ .role }}
image: {{ include "tocsin.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources:
  requests: {cpu: {{ .own.cpu | default "100m" | quote }}, memory: {{ .own.memory }}}
  limits: {memory: {{ .own.memory }}}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if .claim }}
  - {name: backup, mountPath: /backup}
  {{- end }}
env:
  {{- include "tocsin.env" . | trim | nindent 2 }}
{{- end }}

{{- define "tocsin.podMeta" -}}
labels:
  {{- include "tocsin.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .role }}
{{- $scrape := and .root.Values.metrics.enabled .root.Values.metrics.annotations (not (has .role (list "setup" "backup"))) }}
{{- if or $scrape .root.Values.podAnnotations }}
annotations:
{{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $scrape }}
  prometheus.io/scrape: "true"
  prometheus.io/path: /metrics
  prometheus.io/port: {{ ternary 8000 .root.Values.metrics.port (eq .role "api") | quote }}
{{- end }}
{{- end }}
{{- end }}
