// `records`, `errors`, `explain`, `incidents`, `notifications`.
#include "actors/program/command_support.hpp"
#include "protocol/http/url.hpp"

namespace nexte::program {
namespace {

/// A stored body shown in one line: the texts of its `properties`, or of itself.
std::string summary_of(const json::value& record) {
  const auto* body = record.find("body");
  if (!body || !body->is_object())
    return {};
  const auto* properties = body->find("properties");
  std::string text;
  for (const auto& [name, member] : (properties ? properties : body)->members)
    if (!member.text.empty() && text.size() < 300)
      text.append(text.empty() ? "" : ", ").append(name).append("=").append(member.text);
  return text;
}

result<void> act(const shell& with, const std::string& target, std::string_view line) {
  const auto done = with.engine.call("POST", target);
  if (!done)
    return done.failure();
  print_done(with, line);
  return {};
}

void print_table(const shell& with, const table& rows, std::string_view when_empty) {
  if (rows.empty())
    with.out << when_empty << "\n";
  else
    with.out << rows.str(with.screen);
}

} // namespace

result<void> show_records(const shell& with, const std::string& id, const std::string& stream,
                          const record_range& range) {
  query_parameters query = {{"limit", std::to_string(range.limit)}};
  if (!range.after.empty())
    query.emplace_back("after", range.after);
  const auto target = integration_target(id, "/records/" + segment(stream));
  const auto text = with.engine.call("GET", with_query(target, query));
  if (!text)
    return text.failure();
  if (print_json(with, *text))
    return {};
  const auto page = json::parse_value(*text);
  if (!page)
    return page.failure();
  table rows{{{"RECORD"}, {"MODIFIED"}, {""}, {"BODY"}}};
  for (const auto& record : list_of(*page, "records"))
    rows.add({text_of(record, "id"), distance_text(time_of(record, "modified_at"), with.now()),
              truth_of(record, "deleted") ? cell{"deleted", tint::red} : cell{""},
              summary_of(record)});
  print_table(with, rows, "No records" + std::string{range.after.empty() ? "." : " after that."});
  if (const auto next = text_of(*page, "next"); !next.empty())
    with.out << "More with: --after " << printable(next) << "\n";
  return {};
}

result<void> show_errors(const shell& with, const std::string& id) {
  const auto lines = with.engine.call("GET", integration_target(id, "/errors"));
  if (!lines)
    return lines.failure();
  if (with.json) {
    with.out << *lines;
    return {};
  }
  table rows{{{"WHEN"}, {"STREAM"}, {"CODE"}, {"WHAT"}}};
  for (std::string_view rest = *lines; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto entry = json::parse_value(line);
    if (!entry)
      return entry.failure();
    rows.add({distance_text(time_of(*entry, "at"), with.now()), text_of(*entry, "stream"),
              text_of(*entry, "code"), text_of(*entry, "sentence")});
  }
  print_table(with, rows, "No errors.");
  return {};
}

result<void> explain(const shell& with, const std::string& id, const std::string& stream,
                     const std::string& record) {
  const auto target = integration_target(id, "/explain/" + segment(stream) + "/" + segment(record));
  const auto text = with.engine.call("GET", target);
  if (!text)
    return text.failure();
  if (print_json(with, *text))
    return {};
  const auto why = json::parse_value(*text);
  if (!why)
    return why.failure();
  with.out << printable(text_of(*why, "sentence") + " [" + text_of(*why, "code") + "]") << "\n";
  for (const auto& fact : list_of(*why, "evidence"))
    with.out << "  - " << printable(fact.text) << "\n";
  return {};
}

result<void> show_incidents(const shell& with, bool all) {
  table rows{{{"ID"},
              {"INTEGRATION"},
              {"KIND"},
              {"STREAM"},
              {"OPENED"},
              {"CLOSED"},
              {"WHAT"},
              {"WHAT TO DO"}}};
  const auto now = with.now();
  const std::string target{all ? "/v1/incidents" : "/v1/incidents?open=true"};
  const auto done = each_row(with, target, "incidents", [&](const json::value& one) {
    const auto closed_at = time_of(one, "closed_at");
    rows.add({std::to_string(count_of(one, "id")), text_of(one, "integration"),
              text_of(one, "kind"), text_of(one, "stream"),
              distance_text(time_of(one, "opened_at"), now),
              closed_at == wall_time{} ? std::string{"open"} : distance_text(closed_at, now),
              text_of(one, "sentence"), text_of(one, "next_step")});
  });
  if (done && !with.json)
    print_table(with, rows, all ? "No incidents." : "No open incidents.");
  return done;
}

result<void> release(const shell& with, uint64_t number) {
  return act(with, "/v1/incidents/" + std::to_string(number) + "/release",
             "Released: what the incident held back is being carried out.");
}

result<void> show_notifications(const shell& with) {
  table rows{{{"ID"}, {"WHEN"}, {"INTEGRATION"}, {"KIND"}, {"WHAT"}, {"WHAT TO DO"}}};
  const auto now = with.now();
  const auto done
      = each_row(with, "/v1/notifications", "notifications", [&](const json::value& one) {
          rows.add({std::to_string(count_of(one, "id")), distance_text(time_of(one, "at"), now),
                    text_of(one, "integration"), text_of(one, "kind"), text_of(one, "sentence"),
                    text_of(one, "next_step")});
        });
  if (done && !with.json)
    print_table(with, rows, "No notifications.");
  return done;
}

result<void> acknowledge(const shell& with, uint64_t number) {
  return act(with, "/v1/notifications/" + std::to_string(number) + "/ack", "Acknowledged.");
}

} // namespace nexte::program
