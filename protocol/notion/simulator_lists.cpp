// Search, and the query of a data source (notion.md §3.2, §3.3).
#include "protocol/notion/simulator_door.hpp"
#include "protocol/notion/simulator_list.hpp"
#include "protocol/notion/simulator_render.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace notion;

http_response notion_simulator::list_answer(const door& in, const std::vector<std::string>& shown,
                                            const std::string& next_cursor, bool cut_short) {
  json::writer out;
  out.begin_object().key("object").value("list").key("results").begin_array();
  for (const auto& one : shown)
    out.raw(one);
  out.end_array().key("next_cursor");
  if (next_cursor.empty())
    out.null();
  else
    out.value(next_cursor);
  out.key("has_more").value(!next_cursor.empty());
  const auto* type = in.is_before("2025-09-03") ? "page_or_database" : "page_or_data_source";
  out.key("type").value(type).key(type).begin_object().end_object();
  if (cut_short) {
    out.key("request_status").begin_object().key("type").value("incomplete");
    out.key("incomplete_reason").value("query_result_limit_reached").end_object();
  }
  out.key("request_id").value(random_uuid(random_)).end_object();
  return {200, out.take(), "application/json; charset=utf-8"};
}

/// The page of `rows` that is asked for, of a list that shows `most` at all.
http_response notion_simulator::show(door& in, const list_request& list, std::vector<list_row> rows,
                                     size_t most) {
  auto [shown, more] = cut(std::move(rows), list);
  const auto before = list.after ? list.after->shown : 0;
  const bool cut_short = before + shown.size() > most || (more && before + shown.size() == most);
  if (cut_short)
    shown.resize(std::min(shown.size(), static_cast<size_t>(most - before)));
  std::vector<std::string> texts;
  for (const auto& one : shown) {
    json::writer out;
    if (one.page) {
      begin_page(out, in.at, *one.page, in.version);
      ++in.at.served[one.page->id];
    } else {
      begin_data_source(out, in.at, *one.source, in.version);
    }
    texts.push_back(out.end_object().take());
  }
  std::string cursor;
  if (more && !cut_short)
    cursor = make_cursor(list, shown.back(), before + shown.size(), in.at.cursor_epoch);
  return list_answer(in, texts, cursor, cut_short);
}

http_response notion_simulator::search(door& in) {
  list_request list;
  if (const auto refused = read_search(in.body, in.at.cursor_epoch, list); !refused.empty())
    return invalid(refused);
  const auto words = in.body.string_or_empty("query");
  std::vector<list_row> rows;
  const auto shows = [&](const page_state& page) {
    if (!page.shared || page.title.find(words) == std::string::npos
        || (page.archived && !reading_.search_shows_archived))
      return false;
    if (!list.in_trash)
      return !page.in_trash();
    return page.trashed || (page.trashed_above && reading_.trash_shows_pages_below);
  };
  if (list.pages)
    in.at.each(in.now - options_.search_lag, [&](const page_state& page) {
      if (shows(page))
        rows.push_back({minute_of(page.edited_at), page.id, &page});
    });
  if (list.data_sources && !list.in_trash)
    for (const auto& source : in.at.sources)
      if (source.name.find(words) != std::string::npos)
        rows.push_back({minute_of(source.created_at), source.id, nullptr, &source});
  return show(in, list, std::move(rows), reading_.search_results_max);
}

http_response notion_simulator::query(door& in) {
  list_request list;
  if (const auto refused = read_query(in.body, in.at.cursor_epoch, list); !refused.empty())
    return invalid(refused);
  std::vector<list_row> rows;
  in.at.each(in.now, [&](const page_state& page) {
    if (list.pages && page.parent == in.path[1] && page.shared && !page.archived
        && page.in_trash() == list.in_trash && passes(list, page))
      rows.push_back(
          {minute_of(list.by_creation ? page.created_at : page.edited_at), page.id, &page});
  });
  return show(in, list, std::move(rows), reading_.query_rows_max);
}

} // namespace nexte::simulation
