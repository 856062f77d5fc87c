#include "protocol/hubspot/rejections.hpp"

#include "protocol/answers.hpp"
#include "protocol/hubspot/errors.hpp"
#include "protocol/json/reader.hpp"

#include <algorithm>

namespace nexte::hubspot {
namespace {

constexpr size_t property_bytes_max = 100;

push_outcome rejected(std::string code, std::string sentence) {
  push_outcome outcome;
  outcome.what = push_verdict::rejected;
  outcome.code = std::move(code);
  outcome.sentence = std::move(sentence);
  return outcome;
}

/// A property's name as HubSpot permits it, fit to be shown; else empty.
std::string plain_property(std::string_view name) {
  const auto in_name
      = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (name.size() > property_bytes_max || !std::ranges::all_of(name, in_name))
    return {};
  return std::string{name};
}

/// "Contact already exists. Existing ID: 512" (hubspot.md §2).
push_outcome duplicate(std::string_view message, const object_type& type) {
  constexpr std::string_view mark = "Existing ID: ";
  std::string id;
  if (const auto at = message.find(mark); at != message.npos)
    for (auto rest = message.substr(at + mark.size());
         !rest.empty() && rest[0] >= '0' && rest[0] <= '9' && id.size() < 20; rest.remove_prefix(1))
      id.push_back(rest[0]);
  return rejected("duplicate", "HubSpot already has one of these " + std::string{type.name}
                                   + (id.empty() ? std::string{} : ", with the id " + id)
                                   + ", where this value must be unique; edit that one, or give "
                                     "this one another value.");
}

push_outcome invalid_value(const json::value& problem) {
  auto code = plain_name(problem.string_or_empty("error"));
  if (code.empty())
    code = "VALIDATION_ERROR";
  const auto name = plain_property(problem.string_or_empty("name"));
  const auto what = name.empty() ? std::string{"a value"} : "the value of \"" + name + "\"";
  if (code == "PROPERTY_DOESNT_EXIST")
    return rejected(code, "HubSpot has no property "
                              + (name.empty() ? std::string{"of this name"} : "\"" + name + "\"")
                              + "; leave it out, or have it made in HubSpot's settings.");
  if (code == "READ_ONLY_VALUE")
    return rejected(code, "HubSpot does not let " + what + " be set; leave it out.");
  return rejected(code, "HubSpot does not take " + what + " (" + code
                            + "); correct it and save it again.");
}

/// The list inside `Property values were not valid: [{…}]`, or null JSON.
json::value problems_in(std::string_view message) {
  const auto begin = message.find('[');
  const auto end = message.rfind(']');
  if (!message.starts_with("Property values were not valid") || begin == message.npos
      || end == message.npos || end < begin)
    return {};
  auto list = json::parse_value(message.substr(begin, end - begin + 1));
  return list ? *std::move(list) : json::value{};
}

/// The error of a single write, or the only one of a batch of one.
json::value refusal_in(const http_response& answer) {
  auto envelope = read_envelope(answer);
  if (const auto* errors = envelope.find("errors");
      answer.status == 207 && errors && !errors->items.empty())
    return errors->items.front();
  return envelope;
}

} // namespace

std::string refusal_category(const http_response& answer) {
  return plain_name(refusal_in(answer).string_or_empty("category"));
}

bool is_missing(const http_response& answer, edit_kind kind) {
  if (kind == edit_kind::create)
    return false;
  return answer.status == 404
         || (answer.status == 207 && refusal_category(answer) == "OBJECT_NOT_FOUND");
}

push_outcome rejection_of(const http_response& answer, const object_type& type) {
  const auto envelope = refusal_in(answer);
  auto code = refusal_category(answer);
  if (code.empty())
    code = "http_" + std::to_string(answer.status);
  const auto message = envelope.string_or_empty("message");
  if (answer.status == 409 || code == "CONFLICT")
    return duplicate(message, type);
  if (const auto problems = problems_in(message); !problems.items.empty())
    return invalid_value(problems.items.front());
  return rejected(code, "HubSpot refuses this edit (" + code
                            + "); look at the record in HubSpot, correct the edit and save it "
                              "again.");
}

} // namespace nexte::hubspot
