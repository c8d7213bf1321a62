-- wrk -s mix.lua URL -- TOKENS_FILE BODIES_FILE: 70 % GET /api/subscription, 20 % POST
-- /auth/device/code, 10 % GET /api/user; the path of URL is not used.
local reads, users, codes = {}, {}, {}
local at = 0

function init(args)
  for token in io.lines(args[1]) do
    local headers = { Authorization = "Bearer " .. token }
    reads[#reads + 1] = wrk.format("GET", "/api/subscription", headers)
    users[#users + 1] = wrk.format("GET", "/api/user", headers)
  end
  for body in io.lines(args[2]) do
    codes[#codes + 1] = wrk.format("POST", "/auth/device/code",
                                   { ["Content-Type"] = "application/json" }, body)
  end
  math.randomseed(os.time())
end

function request()
  at = at + 1
  local dice = math.random(100)
  if dice <= 70 then return reads[at % #reads + 1] end
  if dice <= 90 then return codes[at % #codes + 1] end
  return users[at % #users + 1]
end
