#include "protocol/pipedrive/simulator_company.hpp"

#include "protocol/simulation/data_set.hpp"

#include <algorithm>
#include <cmath>

namespace nexte::simulation::pipedrive {
namespace {

using std::chrono::days;

constexpr int64_t first_company_id = 7'412'903;
constexpr int64_t company_id_step = 1'013;
constexpr int64_t first_user_id = 12'345'001;
constexpr uint64_t gone_percent = 2; ///< Deleted, and archived, beside the live ones.
constexpr std::array<std::string_view, 4> names = {"North", "South", "West", "East"};
constexpr std::array<std::string_view, 5> statuses = {"open", "open", "open", "won", "lost"};

/// A company of five seats on the smallest plan, as in the recorded header fields of
/// pipedrive.md §5: 30,000 tokens a seat.
constexpr unsigned daily_tokens = 150'000;

using named_values = std::vector<std::pair<std::string_view, std::string>>;

std::string text_or_null(std::string_view text) {
  return text.empty() ? "null" : json::quoted(text);
}

std::string detail(std::string_view value, std::string_view label) {
  if (value.empty())
    return "[]";
  json::writer out;
  out.begin_array().begin_object().key("value").value(value).key("primary").value(true);
  return out.key("label").value(label).end_object().end_array().take();
}

std::string custom(const schema& type, std::string_view value) {
  json::writer out;
  out.begin_object().key(custom_field_of(type));
  return out.raw(text_or_null(value)).end_object().take();
}

named_values person_values(const schema& type, const data_set& data, uint64_t index,
                           uint64_t organizations) {
  const auto p = data.person_at(index);
  return {{"name", json::quoted(p.first_name + (p.last_name.empty() ? "" : " ") + p.last_name)},
          {"first_name", json::quoted(p.first_name)},
          {"last_name", text_or_null(p.last_name)},
          {"org_id", organizations == 0 ? "null" : std::to_string(1 + index % organizations)},
          {"emails", detail(p.email, "work")},
          {"phones", detail(p.phone, "work")},
          {"label_ids", "[]"},
          {"custom_fields", custom(type, p.note)}};
}

named_values organization_values(const schema& type, const data_set& data, uint64_t index) {
  const auto o = data.organization_at(index);
  json::writer address;
  address.begin_object().key("value").value(o.city + ", " + o.country);
  address.key("locality").value(o.city).key("country").value(o.country).end_object();
  return {{"name", json::quoted(o.name)},
          {"address", address.take()},
          {"label_ids", "[]"},
          {"website", json::quoted("https://www." + o.domain + "/")},
          {"employee_count", std::to_string(o.employees)},
          {"custom_fields", custom(type, o.note)}};
}

named_values deal_values(const schema& type, const data_set& data, uint64_t index,
                         uint64_t persons) {
  const auto o = data.opportunity_at(index);
  const auto status = statuses[o.stage];
  const auto closed = json::quoted(format_iso_seconds(o.closes_at));
  return {{"title", json::quoted(o.title)},
          {"person_id", persons == 0 ? "null" : std::to_string(1 + index % persons)},
          {"pipeline_id", std::to_string(company::pipeline_id)},
          {"stage_id", std::to_string(1 + o.stage)},
          {"value", std::to_string(o.amount)},
          {"currency", json::quoted(o.currency)},
          {"status", json::quoted(status)},
          {"close_time", status == "open" ? "null" : closed},
          {"won_time", status == "won" ? closed : "null"},
          {"lost_time", status == "lost" ? closed : "null"},
          {"expected_close_date", json::quoted(format_iso_time(o.closes_at).substr(0, 10))},
          {"label_ids", "[]"},
          {"origin", "\"Import\""},
          {"custom_fields", custom(type, "")}};
}

named_values values_of(const schema& type, const data_set& data, uint64_t index, uint64_t live) {
  if (type.name == "persons")
    return person_values(type, data, index, live);
  return type.name == "organizations" ? organization_values(type, data, index)
                                      : deal_values(type, data, index, live);
}

} // namespace

bool token_budget::spend(unsigned tokens, wall_time now) {
  begin_day(now);
  if (limit_ - spent_ < tokens)
    return false;
  spent_ += tokens;
  return true;
}

unsigned token_budget::remaining(wall_time now) {
  begin_day(now);
  return limit_ - spent_;
}

void token_budget::leave(unsigned left, wall_time now) {
  begin_day(now);
  spent_ = limit_ - std::min(left, limit_);
}

milliseconds token_budget::until_midnight(wall_time now) {
  return std::chrono::floor<days>(now) + days{1} - now;
}

void token_budget::begin_day(wall_time now) {
  const auto today = std::chrono::floor<days>(now);
  if (today != day_)
    spent_ = 0;
  day_ = today;
}

company::company(size_t index, const simulator_options& options)
    : id(first_company_id + static_cast<int64_t>(index) * company_id_step),
      user_id(first_user_id + static_cast<int64_t>(index) * users),
      budget(static_cast<unsigned>(std::max(1.0, std::floor(daily_tokens * options.quota_scale)))),
      options_(options) {
  const auto suffix = index < names.size() ? std::string{} : std::to_string(index);
  name = std::string{names[index % names.size()]} + suffix + " Sales";
  domain = name;
  std::ranges::transform(domain, domain.begin(), [](char c) {
    return c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  login = "admin@" + domain + ".example";
  for (const auto& type : schemas())
    custom_fields(type).push_back({std::string{custom_field_of(type)}, "Note"});
}

record_store& company::records(const schema& type) {
  auto& held = records_[static_cast<size_t>(&type - schemas().data())];
  if (held)
    return *held;
  held = std::make_unique<record_store>(type);
  const data_set data{options_.seed, static_cast<uint64_t>(id)};
  const auto live = options_.records;
  const auto gone = live * gone_percent / 100;
  const auto all = live + gone * (type.archives ? 2 : 1);
  for (uint64_t i = 0; i < all; ++i) {
    kept_record made;
    made.id = static_cast<int64_t>(i) + 1;
    const auto times = data.times_at(i, all);
    made.added_at = whole_second(times.created_at);
    made.updated_at = whole_second(times.modified_at);
    for (auto& [field, value] : values_of(type, data, i, live))
      made.set(*type.find(field), std::move(value));
    made.set(*type.find("owner_id"), std::to_string(user_id + static_cast<int64_t>(i) % users));
    made.set(*type.find("visible_to"), "3");
    if (i >= live && i < live + gone) // purged long since, but for what is archived
      made.deleted_at = made.updated_at;
    else if (i >= live)
      made.archived_at = made.updated_at;
    held->seed(std::move(made));
  }
  return *held;
}

} // namespace nexte::simulation::pipedrive
