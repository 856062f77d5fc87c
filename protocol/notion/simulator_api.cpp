// The API's door, and the calls of single objects. The order of checks is that of notion.md §1.3.
#include "protocol/core/text.hpp"
#include "protocol/notion/simulator_door.hpp"
#include "protocol/notion/simulator_render.hpp"

#include <algorithm>
#include <array>

namespace nexte::simulation {

using namespace notion;

namespace {

constexpr std::array<std::string_view, 7> versions
    = {"2021-05-11", "2021-05-13", "2021-08-16", "2022-02-22",
       "2022-06-28", "2025-09-03", "2026-03-11"};
constexpr std::string_view first_of_data_sources = "2025-09-03";
constexpr std::string_view connection_budget = "public_api_request_rate_limit";

/// An id with or without hyphens, in either case, as Notion writes it; empty: it is none.
std::string read_id(std::string_view text) {
  std::string id;
  for (const char c : text) {
    if (c == '-')
      continue;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!((lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f')))
      return {};
    id += lower;
  }
  if (id.size() != 32)
    return {};
  for (const size_t at : {20u, 16u, 12u, 8u})
    id.insert(at, "-");
  return id;
}

/// What stands at a path, e.g. "data_sources.query"; empty: nothing does.
std::string_view endpoint_of(std::string_view method, const std::vector<std::string>& path,
                             std::string_view version) {
  struct known {
    std::string_view method, first, last, endpoint;
    size_t size;
  };
  constexpr known all[] = {
      {"POST", "search", "search", "search", 1},
      {"POST", "pages", "pages", "pages.create", 1},
      {"GET", "pages", "", "pages.read", 2},
      {"PATCH", "pages", "", "pages.update", 2},
      {"GET", "data_sources", "", "data_sources.read", 2},
      {"POST", "data_sources", "query", "data_sources.query", 3},
      {"GET", "databases", "", "databases.read", 2},
      {"GET", "users", "me", "users.me", 2},
  };
  for (const auto& one : all)
    if (one.method == method && one.size == path.size() && one.first == path.front()
        && (one.last.empty() || one.last == path.back())
        && (one.first != "data_sources" || version.empty() || version >= first_of_data_sources))
      return one.endpoint;
  return {};
}

} // namespace

http_response notion_simulator::serve_api(const http_request& request, std::string_view path,
                                          wall_time now) {
  auto segments = path_segments(path);
  const auto version = request.headers.get("Notion-Version");
  const bool below_v1 = segments.size() > 1 && segments.front() == "v1";
  if (below_v1)
    segments.erase(segments.begin());
  const auto endpoint
      = below_v1 ? endpoint_of(request.method, segments, version) : std::string_view{};
  if (endpoint.empty())
    return refused(400, "invalid_request_url", "Invalid request URL.");
  const auto* token = oauth_.grants().find_access(bearer_token(request));
  if (!token || now >= token->expires_at) {
    ++traffic_.requests["unauthenticated"];
    return refused(401, "unauthorized", "API token is invalid.");
  }
  if (version.empty())
    return refused(400, "missing_version",
                   "Notion-Version header failed validation: Notion-Version header should be "
                   "defined, instead was `undefined`.");
  if (std::ranges::count(versions, version) == 0)
    return invalid("Notion-Version header failed validation: Notion-Version header should be one "
                   "of the versions that are known, instead was `\""
                   + std::string{version} + "\"`.");
  auto& at = workspaces_[token->granted.account];
  if (!quota_.admit(connection_budget, at.bot_id, now)) {
    ++traffic_.requests["limited"];
    return limited(connection_budget, {});
  }
  ++traffic_.requests[std::string{endpoint}];
  door in{request, at, std::move(segments), version, now};
  if (request.method != "GET") {
    auto body = json::parse_value(request.body);
    if (!body || !body->is_object())
      return refused(400, "invalid_json", "Error parsing JSON body.");
    in.body = *std::move(body);
  }
  const auto needed = endpoint == "pages.create"   ? "insert"
                      : endpoint == "pages.update" ? "update"
                                                   : "read";
  if (endpoint != "users.me" && !capabilities_.contains(needed))
    return refused(403, "restricted_resource", "Insufficient permissions for this endpoint.");
  if (endpoint == "search")
    return search(in);
  return endpoint == "pages.create" ? create(in) : serve_object(in);
}

http_response notion_simulator::serve_object(door& in) {
  json::writer out;
  const auto end = [&] {
    out.key("request_id").value(random_uuid(random_)).end_object();
    return http_response{200, out.take(), "application/json; charset=utf-8"};
  };
  if (in.path.front() == "users") {
    begin_bot(out, in.at);
    return end();
  }
  const auto id = read_id(in.path[1]);
  if (id.empty())
    return invalid("path failed validation: path." + in.path.front()
                   + "_id should be a valid uuid, instead was `\"" + in.path[1] + "\"`.");
  in.path[1] = id;
  if (in.path.front() == "pages")
    return in.request.method == "GET" ? read_page(in) : update(in);
  if (in.path.front() == "data_sources") {
    const auto* source = in.at.find_source(id);
    if (!source)
      return missing("data_source", id);
    if (in.path.size() == 3)
      return query(in);
    begin_data_source(out, in.at, *source, in.version);
    return end();
  }
  if (std::ranges::count(in.at.sources, id, &data_source::database) == 0)
    return missing("database", id);
  begin_database(out, in.at, id);
  return end();
}

http_response notion_simulator::page_answer(door& in, const page_state& page) {
  json::writer out;
  begin_page(out, in.at, page, in.version);
  out.key("request_id").value(random_uuid(random_)).end_object();
  return {200, out.take(), "application/json; charset=utf-8"};
}

http_response notion_simulator::read_page(door& in) {
  const auto* page = in.at.find(in.path[1]);
  if (!page || !page->shared)
    return missing("page", in.path[1]);
  return page_answer(in, *page);
}

} // namespace nexte::simulation
