#include "protocol/simulation/fault_plan.hpp"

#include "protocol/simulation/simulator.hpp"

#include <algorithm>
#include <limits>

namespace nexte::simulation {
namespace {

constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

error refused(std::string what, std::string mend) {
  return {ec::refused, "fault: " + std::move(what), std::move(mend)};
}

struct named_kind {
  std::string_view name;
  fault_kind kind;
};

constexpr named_kind kinds[] = {
    {"answer", fault_kind::answer},       {"limit", fault_kind::limit}, {"html", fault_kind::html},
    {"truncated", fault_kind::truncated}, {"slow", fault_kind::slow},   {"drop", fault_kind::drop},
};

/// A whole number from `low` on; nullopt for anything else.
std::optional<int64_t> whole(const json::value& member, int64_t low, int64_t high) {
  const auto number = member.as_int();
  return number && *number >= low && *number <= high ? number : std::nullopt;
}

constexpr const char* web_page
    = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Please accept "
      "the terms of use to go on.</body></html>";
constexpr int64_t seconds_max = 86'400 * 7;

/// Reads one member into `f`; false when it is unknown or wrong.
bool read_member(fault& f, std::string_view name, const json::value& member, wall_time now) {
  const auto text_into = [&](std::string& field) {
    field = member.text;
    return member.is_string();
  };
  const auto number_into = [&](auto& field, int64_t low, int64_t high) {
    const auto number = whole(member, low, high);
    if (number)
      field = std::remove_reference_t<decltype(field)>(*number);
    return number.has_value();
  };
  if (name == "kind") {
    const auto* found = std::ranges::find(kinds, std::string_view{member.text}, &named_kind::name);
    if (!member.is_string() || found == std::end(kinds))
      return false;
    f.kind = found->kind;
    return true;
  }
  if (name == "method")
    return text_into(f.method);
  if (name == "path")
    return text_into(f.path);
  if (name == "count")
    return number_into(f.count, 1, std::numeric_limits<int64_t>::max());
  if (name == "for_seconds") {
    seconds span{0};
    const bool good = number_into(span, 1, seconds_max);
    f.until = now + span;
    return good;
  }
  if (name == "status")
    return number_into(f.status, 200, 599);
  if (name == "body")
    return text_into(f.body);
  if (name == "content_type")
    return text_into(f.content_type);
  if (name == "policy")
    return text_into(f.policy);
  if (name == "retry_after_seconds" || name == "retry_after_date") {
    f.retry_after = name == "retry_after_date" ? retry_after_form::http_date
                                               : retry_after_form::delay_seconds;
    return number_into(f.retry_after_wait, 0, seconds_max);
  }
  if (name == "delay_ms")
    return number_into(f.delay, 0, seconds_max * 1000);
  if (name == "after_acting") {
    f.after_acting = member.truth;
    return member.type == json::value::kind::boolean;
  }
  return false;
}

} // namespace

result<fault> read_fault(const json::value& text, wall_time now) {
  if (!text.is_object())
    return refused("not a JSON object", "write {\"kind\": \"answer\", \"status\": 503}");
  fault f;
  for (const auto& [name, member] : text.members)
    if (!read_member(f, name, member, now))
      return refused("member \"" + name + "\" is unknown or its value is wrong",
                     "members are kind (answer, limit, html, truncated, slow, drop), method, path, "
                     "count, for_seconds, status, body, content_type, policy, retry_after_seconds, "
                     "retry_after_date, delay_ms, after_acting");
  if (f.until && !text.find("count"))
    f.count = unlimited;
  return f;
}

std::optional<std::string> retry_after_value(const fault& f, wall_time now) {
  switch (f.retry_after) {
    case retry_after_form::none: return std::nullopt;
    case retry_after_form::delay_seconds: return std::to_string(f.retry_after_wait.count());
    case retry_after_form::http_date: return format_http_date(now + f.retry_after_wait);
  }
  return std::nullopt;
}

std::optional<fault> fault_plan::take(std::string_view method, std::string_view path,
                                      wall_time now) {
  std::erase_if(armed_, [&](const fault& f) { return f.until && now >= *f.until; });
  const auto met = std::ranges::find_if(armed_, [&](const fault& f) {
    return (f.method.empty() || f.method == method)
           && (f.path.empty() || path.find(f.path) != path.npos);
  });
  if (met == armed_.end())
    return std::nullopt;
  fault struck = *met;
  if (met->count != unlimited && --met->count == 0)
    armed_.erase(met);
  return struck;
}

http_response play(const fault& f, wall_time now, const std::function<http_response()>& act,
                   const std::function<http_response(const fault&)>& limited) {
  http_response answer;
  switch (f.kind) {
    case fault_kind::truncated:
      answer = act();
      answer.body = std::make_shared<const std::string>(*answer.body, 0, answer.body->size() / 2);
      return answer;
    case fault_kind::slow:
      answer = act();
      answer.headers.set(delay_field, std::to_string(f.delay.count()));
      return answer;
    case fault_kind::limit: answer = limited(f); break;
    case fault_kind::html: answer = http_response{200, web_page, "text/html; charset=utf-8"}; break;
    case fault_kind::answer: answer = http_response{f.status, f.body, f.content_type}; break;
    case fault_kind::drop: answer = http_response{no_answer, {}}; break;
  }
  if (f.after_acting)
    static_cast<void>(act());
  if (const auto wait = retry_after_value(f, now))
    answer.headers.set("Retry-After", *wait);
  return answer;
}

} // namespace nexte::simulation
