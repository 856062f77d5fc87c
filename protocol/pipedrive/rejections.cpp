#include "protocol/pipedrive/rejections.hpp"

#include "protocol/answers.hpp"
#include "protocol/pipedrive/errors.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

push_outcome rejected(std::string code, std::string sentence) {
  push_outcome outcome;
  outcome.what = push_verdict::rejected;
  outcome.code = std::move(code);
  outcome.sentence = std::move(sentence);
  return outcome;
}

/// The field behind "Validation failed: ", if it is one of the type's; else empty.
std::string_view field_in(std::string_view message, const entity& type) {
  constexpr std::string_view mark = "Validation failed: ";
  if (!message.starts_with(mark))
    return {};
  message.remove_prefix(mark.size());
  const auto name = message.substr(0, message.find_first_of(":. "));
  if (name == "custom_fields")
    return name;
  const auto known = std::ranges::find(type.editable, name, &editable_field::name);
  return known == type.editable.end() ? std::string_view{} : name;
}

} // namespace

push_outcome rejection_of(const http_response& answer, const entity& type) {
  const auto envelope = read_envelope(answer);
  const auto message = envelope.string_or_empty("error");
  const auto verdict = classify(answer, wall_time{});
  if (verdict.code.starts_with("feature_capping"))
    return rejected(verdict.code, verdict.sentence);
  if (!message.starts_with("Validation failed"))
    return rejected(verdict.code, "Pipedrive refuses this edit (" + verdict.code
                                      + "); look at the record in Pipedrive, correct the edit and "
                                        "save it again.");
  const auto field = field_in(message, type);
  return rejected("validation_failed",
                  "Pipedrive does not take "
                      + (field.empty() ? std::string{"this edit"}
                                       : "the value of \"" + std::string{field} + "\"")
                      + "; correct it and save it again.");
}

push_outcome unreadable(const error& why) {
  return rejected("malformed",
                  "The edit cannot be read (" + why.what + "); correct it and save it again.");
}

} // namespace nexte::pipedrive
