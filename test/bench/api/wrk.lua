-- The load of one job, for wrk: what to ask is in the environment, what came of it is printed as the last line, as JSON.
local method, path = os.getenv("LOAD_METHOD"), os.getenv("LOAD_PATH")
local prefix, value = os.getenv("LOAD_PREFIX"), string.rep("x", tonumber(os.getenv("LOAD_VALUE_BYTES")))
local head = method .. " " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. os.getenv("LOAD_TOKEN") .. "\r\n"

local threads = 0
local before, after = head .. "\r\n", nil
local number = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init()
  if method ~= "POST" then return end
  local first = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"' .. prefix .. "-" .. id .. "-"
  after = '"},"data":{"value":"' .. value .. '"}}'
  local length = #first + #"00000000" + #after
  before = head .. "Content-Type: application/json\r\nContent-Length: " .. length .. "\r\n\r\n" .. first
end

function request()
  if not after then return before end
  number = number + 1
  return before .. string.format("%08d", number) .. after
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"answers":%d,"refused":%d,"broken":%d,"microseconds":%d,"p50":%d,"p99":%d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)
  ))
end
