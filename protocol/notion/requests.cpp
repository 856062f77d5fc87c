#include "protocol/notion/requests.hpp"

#include "protocol/json/writer.hpp"

namespace nexte::notion {
namespace {

void write_place(json::writer& out, unsigned size, const std::string& cursor) {
  out.key("page_size").value(size);
  if (!cursor.empty())
    out.key("start_cursor").value(cursor);
}

} // namespace

http_request api_request(std::string method, std::string url, std::string body) {
  const std::string_view type = body.empty() ? "" : "application/json";
  http_request request{std::move(method), std::move(url), std::move(body), type};
  request.headers.add(std::string{version_field}, std::string{api_version});
  return request;
}

http_request search_request(const std::string& api_base, searched what, unsigned size,
                            const std::string& cursor) {
  json::writer out;
  out.begin_object().key("filter").begin_object().key("property").value("object");
  out.key("value").value(what == searched::data_sources ? "data_source" : "page");
  if (what == searched::trashed_pages)
    out.key("in_trash").value(true);
  out.end_object().key("sort").begin_object().key("timestamp").value("last_edited_time");
  out.key("direction").value("descending").end_object();
  write_place(out, size, cursor);
  return api_request("POST", api_base + "/v1/search", out.end_object().take());
}

http_request query_request(const std::string& api_base, std::string_view data_source,
                           wall_time from, const std::string& cursor) {
  json::writer out;
  out.begin_object();
  if (from != wall_time{}) {
    out.key("filter").begin_object().key("timestamp").value("created_time");
    out.key("created_time").begin_object().key("on_or_after").value(format_iso_time(from));
    out.end_object().end_object();
  }
  out.key("sorts").begin_array().begin_object().key("timestamp").value("created_time");
  out.key("direction").value("ascending").end_object().end_array();
  out.key("result_type").value("page");
  write_place(out, page_size, cursor);
  return api_request("POST",
                     api_base + "/v1/data_sources/" + percent_encode(data_source) + "/query",
                     out.end_object().take());
}

} // namespace nexte::notion
