-- For wrk: posts of 1 KB, each with an id of its own, with the key of the environment.
local run = os.time() .. "-" .. math.floor(os.clock() * 1e9)
local count = 0
local key = os.getenv("BGMD_API_KEY")
local text = string.rep("We went down to the sea and it was wonderful. ", 20)

function request()
    count = count + 1
    local body = string.format('{"post_id": "http-%s-%d", "user_id": "u-%d", "text": "%s"}', run, count, count % 1000, text)
    return wrk.format("POST", "/v1/posts", {["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json"}, body)
end
