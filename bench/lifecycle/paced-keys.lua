-- Sends the keys of seeded tokens, with a pause before each request, so that the machine isn't busy. Arguments: the number of tokens, and the pause
-- in milliseconds. Keys are created as in Seeds/SeededKeys.cs.

local threads = 0
local count, pause, before, after

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  count, pause = tonumber(args[1]), tonumber(args[2])
  math.randomseed(os.time() * 100 + number)
  before = "GET " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nAuthorization: ApiKey SU-"
  after = "\r\n\r\n"
end

function delay()
  return pause
end

function request()
  local digits = string.format("%09d", (math.random(0, count - 1) * 387420489 + 123456789) % 1000000000)
  return before .. digits:sub(1, 3) .. "-" .. digits:sub(4, 6) .. "-" .. digits:sub(7, 9) .. ":" .. string.rep("0" .. digits, 4) .. after
end
