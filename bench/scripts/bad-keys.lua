-- Sends invalid keys of three kinds, chosen at random: handles that are unlikely to exist, different each time; existing handles with a wrong secret;
-- and text that isn't a key. Argument: the number of tokens.
-- Handles are created as in Seeds/SeededKeys.cs; no seeded secret contains a letter.

local threads = 0
local count, before, after
local wrong = ":" .. string.rep("f", 40)

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  count = tonumber(args[1])
  math.randomseed(os.time() * 100 + 50 + number)
  before = "GET " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nAuthorization: ApiKey "
  after = "\r\n\r\n"
end

local function handle(number)
  local digits = string.format("%09d", number)
  return "SU-" .. digits:sub(1, 3) .. "-" .. digits:sub(4, 6) .. "-" .. digits:sub(7, 9)
end

function request()
  local kind = math.random(3)
  if kind == 1 then
    return before .. handle(math.random(0, 999999999)) .. wrong .. after
  elseif kind == 2 then
    return before .. handle((math.random(0, count - 1) * 387420489 + 123456789) % 1000000000) .. wrong .. after
  end
  return before .. string.format("SU-%d:nothing", math.random(0, 999999999)) .. after
end
