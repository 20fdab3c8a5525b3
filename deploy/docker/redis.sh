#!/bin/sh
# redis.sh [users]     Starts Redis with a user for each role, from the passwords in the environment; `users` prints them.
#
# What a role may do is the table below. What it cannot part: Celery keeps the messages that are in work in one hash for
# all (unacked), and any worker may run what is due by the clock (schedule), which sends to every queue and reads the
# whole ledger. So workers may write to each other's queues, but not read them, nor each other's quarantine.
# A new key of Redis has to be named here: tests/e2e/test_compose.py fails when a role was refused anything.
set -eu

commands="-@all +@read +@write +@transaction +@connection +@pubsub +eval +evalsha +script|load +script|exists +time -@dangerous -@admin"
commands="$commands -scan -randomkey -dbsize"  # what tells of the keys of others; the API looks for its sketches
events="&/0.celery.pidbox &/0.celeryev/*"
queues="%W~fetch* %W~extract* %W~classify* %W~index* %W~notify*"
celery="~_kombu.binding* ~unacked* ~*.celery.pidbox* ~schedule* ~canary.* $events"
ledger="~tocsin:submission:* ~tocsin:at:* ~tocsin:delayed ~tocsin:ran:* ~tocsin:reconciled_at ~tocsin:canary:*"
worker="$commands $celery $queues $ledger %W~tocsin:quarantine:*"
changes="~tocsin:changed* ~tocsin:lock:*"
# what beat counts for Prometheus; of a queue any right to it tells the length
counted="%R~tocsin:reconciled_at %R~tocsin:at:* %R~tocsin:canary:* %R~tocsin:accepted %R~tocsin:delayed %R~tocsin:quarantine:*"

# Flower asks workers and hears of their events. Of queues it may know the lengths alone, and its Kombu may look for what
# nobody acknowledged within an hour, which is nothing: the workers do so every few minutes, and give it back.
watched="~_kombu.binding* ~*.celery.pidbox* ~celeryev* ~unacked_mutex %R~unacked_index $events"
lengths="~fetch* ~extract* ~classify* ~index* ~notify* ~schedule* ~canary.* ~celery*"

# password NAME: a hash of it, so that the file of users holds none
password() { printf '#%s' "$(printf %s "$1" | sha256sum | cut -d ' ' -f 1)"; }

# `default` is off, so nobody is it; but Redis reads its own file back as it, and leaves out what it may not do: everything.
users() {
  cat << END
user default off resetpass ~* &* +@all
user health on nopass -@all +ping
user operator on $(password "$TOCSIN_REDIS_PASSWORD_OPERATOR") ~* &* +@all
user fetcher on $(password "$TOCSIN_REDIS_PASSWORD_FETCHER") $worker ~fetch* %W~tocsin:page_store_free
user extractor on $(password "$TOCSIN_REDIS_PASSWORD_EXTRACTOR") $worker ~extract*
user classifier on $(password "$TOCSIN_REDIS_PASSWORD_CLASSIFIER") $worker ~classify* ~tocsin:llm_tokens:*
user indexer on $(password "$TOCSIN_REDIS_PASSWORD_INDEXER") $worker ~index* $changes
user notifier on $(password "$TOCSIN_REDIS_PASSWORD_NOTIFIER") $worker ~notify* $changes ~tocsin:told:*
user api on $(password "$TOCSIN_REDIS_PASSWORD_API") $commands +info +scan ~_kombu.binding* $queues ~tocsin:*
user beat on $(password "$TOCSIN_REDIS_PASSWORD_BEAT") $commands ~_kombu.binding* $queues %W~schedule* %W~canary.* $counted
user flower on $(password "$TOCSIN_REDIS_PASSWORD_FLOWER") $commands $watched (+llen $lengths)
END
}

if [ "${1:-}" = users ]; then
  users
  exit
fi
umask 077
users > /run/redis/users.acl
# The ledger and the queues: never evicted, on disk within a second. Writes are refused before the memory is full.
exec docker-entrypoint.sh redis-server --aclfile /run/redis/users.acl \
  --appendonly yes --maxmemory 768mb --maxmemory-policy noeviction --save ""
