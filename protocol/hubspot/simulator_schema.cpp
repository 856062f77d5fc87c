#include "protocol/hubspot/simulator_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace nexte::simulation::hubspot {
namespace {

using enum property_kind;
using property = property_description;

constexpr std::string_view lifecycle
    = "subscriber;lead;marketingqualifiedlead;salesqualifiedlead;opportunity;customer;evangelist;"
      "other";
constexpr std::string_view stages
    = "appointmentscheduled;qualifiedtobuy;presentationscheduled;closedwon;closedlost";

// hubspot.md §2: default sets and useful properties. `external_id` is a custom unique property.
constexpr property contact_properties[] = {
    {"createdate", date_time, true, true},
    {"lastmodifieddate", date_time, true, true},
    {"hs_object_id", number, true, true},
    {"email", email, true, false, true},
    {"firstname", text, true},
    {"lastname", text, true},
    {"phone"},
    {"mobilephone"},
    {"jobtitle"},
    {"company"},
    {"city"},
    {"country"},
    {"website"},
    {"message"},
    {"lifecyclestage", option, false, false, false, lifecycle},
    {"hs_lead_status", option, false, false, false, "NEW;OPEN;IN_PROGRESS;UNQUALIFIED;CONNECTED"},
    {"hubspot_owner_id", number},
    {"annualrevenue", number},
    {"hs_email_optout", boolean},
    {"date_of_birth"},
    {"external_id", text, false, false, true},
    {"hs_additional_emails"},
    {"hs_email_domain", text, false, true},
    {"hs_full_name_or_email", text, false, true},
    {"hs_merged_object_ids", text, false, true},
    {"hs_calculated_merged_vids", text, false, true},
    {"num_associated_deals", number, false, true},
};
constexpr property company_properties[] = {
    {"createdate", date_time, true, true},
    {"hs_lastmodifieddate", date_time, true, true},
    {"hs_object_id", number, true, true},
    {"name", text, true},
    {"domain", text, true},
    {"industry", option, false, false, false,
     "COMPUTER_SOFTWARE;CONSTRUCTION;FINANCIAL_SERVICES;RETAIL;LEGAL_SERVICES"},
    {"phone"},
    {"city"},
    {"country"},
    {"website"},
    {"description"},
    {"numberofemployees", number},
    {"annualrevenue", number},
    {"lifecyclestage", option, false, false, false, lifecycle},
    {"hubspot_owner_id", number},
    {"external_id", text, false, false, true},
    {"hs_merged_object_ids", text, false, true},
    {"num_associated_contacts", number, false, true},
};
constexpr property deal_properties[] = {
    {"createdate", date_time, true, true},
    {"hs_lastmodifieddate", date_time, true, true},
    {"hs_object_id", number, true, true},
    {"dealname", text, true},
    {"amount", number, true},
    {"closedate", date_time, true},
    {"dealstage", option, true, false, false, stages},
    {"pipeline", option, true, false, false, "default"},
    {"deal_currency_code", option, false, false, false, "EUR;USD;JPY;GBP"},
    {"dealtype", option, false, false, false, "newbusiness;existingbusiness"},
    {"description"},
    {"hubspot_owner_id", number},
    {"external_id", text, false, false, true},
    {"hs_is_closed", boolean, false, true},
    {"hs_merged_object_ids", text, false, true},
    {"num_associated_contacts", number, false, true},
};

constexpr std::array<schema, 3> all = {{
    {"contacts", "0-1", "Contact", "lastmodifieddate", contact_properties},
    {"companies", "0-2", "Company", "hs_lastmodifieddate", company_properties},
    {"deals", "0-3", "Deal", "hs_lastmodifieddate", deal_properties},
}};

constexpr size_t value_bytes_max = 65'536; // HubSpot's bound on text values (unconfirmed)

bool is_option(std::string_view options, std::string_view value) {
  while (!options.empty()) {
    const auto one = options.substr(0, options.find(';'));
    if (one == value)
      return true;
    options.remove_prefix(std::min(options.size(), one.size() + 1));
  }
  return false;
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  const auto dot = text.rfind('.');
  return at != text.npos && at > 0 && text.find('@', at + 1) == text.npos && dot != text.npos
         && dot > at + 1 && dot + 1 < text.size()
         && std::ranges::none_of(text, [](char c) { return c == ' ' || c == ',' || c == '"'; });
}

} // namespace

std::optional<uint16_t> schema::find(std::string_view property) const {
  const auto found = std::ranges::find(properties, property, &property_description::name);
  if (found == properties.end())
    return std::nullopt;
  return static_cast<uint16_t>(found - properties.begin());
}

std::span<const schema> schemas() {
  return all;
}

const schema* find_schema(std::string_view name) {
  const auto* found = std::ranges::find_if(
      all, [&](const schema& type) { return type.name == name || type.type_id == name; });
  return found == all.end() ? nullptr : found;
}

std::variant<std::string, property_problem> normalised(const property_description& property,
                                                       const json::value& value) {
  using kind = json::value::kind;
  if (property.computed)
    return property_problem{"READ_ONLY_VALUE", std::string{property.name}
                                                   + " is a read only property; its value cannot "
                                                     "be set."};
  if (value.type == kind::array || value.type == kind::object)
    return property_problem{"INVALID_JSON",
                            "A property value must be text, a number or a boolean."};
  const auto text = value.type == kind::boolean ? std::string{value.truth ? "true" : "false"}
                    : value.type == kind::null  ? std::string{}
                                                : value.text;
  if (text.empty())
    return text;
  if (text.size() > value_bytes_max)
    return property_problem{"PROPERTY_VALUE_TOO_LONG", "The value is too long."};
  switch (property.kind) {
    case property_kind::text: return text;
    case email:
      if (!is_email(text))
        return property_problem{"INVALID_EMAIL", "Email address " + text + " is invalid"};
      return lower_case(text);
    case number:
      if (!parse_number(text))
        return property_problem{"INVALID_INTEGER", text + " was not a valid number."};
      return text;
    case boolean:
      if (text != "true" && text != "false")
        return property_problem{"INVALID_OPTION", text + " was not one of the allowed options."};
      return text;
    case date_time:
      if (const auto at = parse_instant(text))
        return format_instant(*at);
      return property_problem{"INVALID_DATE", text + " was not a valid date."};
    case option:
      if (!is_option(property.options, text))
        return property_problem{"INVALID_OPTION", text + " was not one of the allowed options."};
      return text;
  }
  return text;
}

std::string format_instant(wall_time at) {
  auto text = format_iso_time(at);
  if (const auto zero = text.find(".000Z"); zero != std::string::npos)
    text.replace(zero, 5, "Z");
  return text;
}

std::optional<wall_time> parse_instant(std::string_view text) {
  int64_t count = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed == std::errc{} && rest == text.data() + text.size())
    return wall_time{milliseconds{count}};
  return parse_iso_time(text);
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || rest != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return out;
}

} // namespace nexte::simulation::hubspot
