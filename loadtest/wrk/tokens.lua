-- wrk -s tokens.lua URL -- TOKENS_FILE: GET with another access token in each request, round robin.
-- wrk itself counts answers that are not 2xx; latchkey-load also looks into them.
local requests = {}
local at = 0

function init(args)
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
