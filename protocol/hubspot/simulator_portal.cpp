#include "protocol/hubspot/simulator_portal.hpp"

#include "protocol/simulation/data_set.hpp"

namespace nexte::simulation::hubspot {
namespace {

constexpr uint64_t first_hub_id = 147'893'286;
constexpr uint64_t hub_id_step = 1'009;
constexpr uint64_t first_user_id = 9'170'001;
constexpr uint64_t archived_percent = 2; ///< Beside the live ones.
constexpr std::array<std::string_view, 4> names = {"North", "South", "West", "East"};
constexpr std::array<std::string_view, 4> time_zones
    = {"Europe/Berlin", "US/Eastern", "Asia/Tokyo", "UTC"};
constexpr std::array<std::string_view, 5> stages = {
    "appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "closedwon", "closedlost"};
constexpr std::array<std::string_view, 4> lifecycles = {"lead", "subscriber", "customer", ""};

using named_values = std::vector<std::pair<std::string_view, std::string>>;

named_values contact_values(const data_set& data, uint64_t index) {
  auto p = data.person_at(index);
  return {{"email", std::move(p.email)},
          {"firstname", std::move(p.first_name)},
          {"lastname", std::move(p.last_name)},
          {"phone", std::move(p.phone)},
          {"jobtitle", std::move(p.job_title)},
          {"company", std::move(p.company)},
          {"city", std::move(p.city)},
          {"country", std::move(p.country)},
          {"message", std::move(p.note)},
          {"lifecyclestage", std::string{lifecycles[index % lifecycles.size()]}}};
}

named_values company_values(const data_set& data, uint64_t index) {
  auto o = data.organization_at(index);
  const auto website = "https://www." + o.domain + "/";
  return {{"name", std::move(o.name)},        {"domain", std::move(o.domain)},
          {"phone", std::move(o.phone)},      {"city", std::move(o.city)},
          {"country", std::move(o.country)},  {"website", website},
          {"description", std::move(o.note)}, {"numberofemployees", std::to_string(o.employees)}};
}

named_values deal_values(const data_set& data, uint64_t index) {
  auto o = data.opportunity_at(index);
  return {{"dealname", std::move(o.title)},
          {"amount", std::to_string(o.amount)},
          {"closedate", format_instant(o.closes_at)},
          {"dealstage", std::string{stages[o.stage]}},
          {"pipeline", "default"},
          {"deal_currency_code", std::move(o.currency)}};
}

named_values values_of(const schema& type, const data_set& data, uint64_t index) {
  if (type.name == "contacts")
    return contact_values(data, index);
  return type.name == "companies" ? company_values(data, index) : deal_values(data, index);
}

void fill(object_store& store, const data_set& data, uint64_t live) {
  const auto archived = live * archived_percent / 100;
  const auto records = live + archived;
  for (uint64_t i = 0; i < records; ++i) {
    object made;
    made.id = data.id_at(i, records);
    const auto times = data.times_at(i, records);
    made.created_at = times.created_at;
    made.modified_at = times.modified_at;
    // Archived ones lie between the others: every 51st of 102, say.
    if (archived > 0 && i % (records / archived) == records / archived - 1
        && i / (records / archived) < archived)
      made.archived_at = times.modified_at;
    for (const auto& [name, value] : values_of(store.type(), data, i))
      made.properties.set(*store.type().find(name), value);
    store.seed(std::move(made));
  }
}

} // namespace

portal::portal(size_t index, const simulator_options& options)
    : hub_id(first_hub_id + index * hub_id_step),
      user_id(first_user_id + index),
      time_zone(time_zones[index % time_zones.size()]),
      options_(options) {
  const auto word = std::string{names[index % names.size()]};
  const auto suffix = index < names.size() ? std::string{} : std::to_string(index);
  name = word + suffix + " Trading";
  domain = lower_case(word) + suffix + ".example";
  login = "admin@" + domain;
}

portal_stream& portal::stream(const schema& type) {
  auto& held = streams_[static_cast<size_t>(&type - schemas().data())];
  if (!held) {
    held = std::make_unique<portal_stream>(type, options_.search_lag);
    fill(held->store, data_set{options_.seed, hub_id}, options_.records);
  }
  return *held;
}

} // namespace nexte::simulation::hubspot
