"""What the ledger does inside Redis: a late duplicate cannot bring back a submission that has just been closed.

KEYS are the hashes of the submissions; the sorted sets are named in the scripts, since a hash tells which one it is in.
The ids and the runs come last in ARGV. A submission whose run is another is left alone.
"""

_NOW = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
"""
# Given a step, the ids and the runs.
BEGIN = f"""{_NOW}
local answers = {{}}
for i, key in ipairs(KEYS) do
  local id, known = ARGV[i + 1], redis.call('HMGET', key, 'step', 'run')
  local at = known[1]
  if at and (known[2] or '0') == ARGV[i + 1 + #KEYS] then
    if at ~= ARGV[1] then
      redis.call('ZREM', 'tocsin:at:' .. at, id)
      redis.call('HSET', key, 'step', ARGV[1])
    end
    redis.call('ZADD', 'tocsin:at:' .. ARGV[1], now, id)
    local open = redis.call('HINCRBY', key, 'open:' .. ARGV[1], 1)
    local counts = redis.call('HMGET', key, 'put_off:' .. ARGV[1], 'since:' .. ARGV[1])
    answers[i] = {{open - 1, tonumber(counts[1] or '0'), counts[2] or '', tostring(now)}}
  else
    answers[i] = false
  end
end
return answers
"""
# Given a step, 1 when the delivery counts as an attempt, 1 when it is to be repeated, the step to wait for, the ids and
# the runs.
END = f"""{_NOW}
for i, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'step', 'run')
  local at = known[1]
  if at and (known[2] or '0') == ARGV[i + 4 + #KEYS] then
    redis.call('HDEL', key, 'open:' .. ARGV[1])
    if ARGV[2] == '1' then redis.call('HINCRBY', key, 'put_off:' .. ARGV[1], 1) end
    if ARGV[3] == '1' then redis.call('HSETNX', key, 'since:' .. ARGV[1], tostring(now)) end
    if at == ARGV[1] and ARGV[4] ~= at then
      redis.call('ZREM', 'tocsin:at:' .. at, ARGV[i + 4])
      redis.call('ZADD', 'tocsin:at:' .. ARGV[4], now, ARGV[i + 4])
      redis.call('HSET', key, 'step', ARGV[4])
    end
  end
end
"""
# Given the ids and the runs.
CLOSE = """
for i, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'step', 'run')
  if known[1] and (known[2] or '0') == ARGV[i + #KEYS] then
    redis.call('DEL', key)
    redis.call('ZREM', 'tocsin:at:' .. known[1], ARGV[i])
  end
end
"""
# Given a step and the id; for what still stands in the ledger.
RESTART = f"""{_NOW}
local at = redis.call('HGET', KEYS[1], 'step')
if not at then return 0 end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.find(field, '^open:') or string.find(field, '^put_off:') then redis.call('HDEL', KEYS[1], field) end
end
redis.call('ZREM', 'tocsin:at:' .. at, ARGV[2])
redis.call('HSET', KEYS[1], 'step', ARGV[1])
redis.call('ZADD', 'tocsin:at:' .. ARGV[1], now, ARGV[2])
return 1
"""
