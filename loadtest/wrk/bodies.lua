-- wrk -s bodies.lua URL -- BODIES_FILE CONTENT_TYPE: POST with another line of the file in each request.
local requests = {}
local at = 0

function init(args)
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = args[2] }, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
