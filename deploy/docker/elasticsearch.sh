#!/bin/bash
# Starts Elasticsearch with a user for each role beside `elastic`, from the passwords in the environment. They are users
# of its file realm: there before it answers, and on any build of the server. What they may do is in roles.yml.
set -euo pipefail
cd /usr/share/elasticsearch
umask 027

declare -A roles=(
  [tocsin-indexer]=tocsin_indexer
  [tocsin-notifier]=tocsin_notifier
  [tocsin-api]=tocsin_api
  [tocsin-kibana]=kibana_system
  [tocsin-analyst]=tocsin_analyst
)

# hash PASSWORD: SHA-256 of password and salt, as Elasticsearch reads it. Its own tool makes slow hashes, for passwords that
# could be guessed; ours are 192 random bits, and the tool takes a Java for each, half a minute where the machine is busy.
hash() {
  local salt digest
  salt=$(od -An -v -tx1 -N 4 /dev/urandom | tr -d ' \n')  # eight characters, which are the eight bytes
  digest=$(printf %s "$1$salt" | sha256sum | cut -d ' ' -f 1)
  printf '{SSHA256}%s%s' "$(printf %s "$salt" | base64)" "$(printf '%b' "$(sed 's/../\\x&/g' <<< "$digest")" | base64)"
}

rm -f config/users config/users_roles
for user in "${!roles[@]}"; do
  role=${user#tocsin-}
  password=TOCSIN_ELASTICSEARCH_PASSWORD_${role^^}
  echo "$user:$(hash "${!password}")" >> config/users
  echo "${roles[$user]}:$user" >> config/users_roles
done
exec /usr/local/bin/docker-entrypoint.sh eswrapper
