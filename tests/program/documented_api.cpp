#include "tests/program/documented_api.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace nexte::program {
namespace {

using kind = json::value::kind;

constexpr std::string_view methods[] = {"get", "post", "put", "delete", "patch"};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// Segment by segment; a braced one stands for any.
bool is_of_template(std::string_view path, std::string_view pattern) {
  while (!path.empty() && !pattern.empty()) {
    path.remove_prefix(1);
    pattern.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    const auto wanted = pattern.substr(0, pattern.find('/'));
    if (!wanted.starts_with('{') && part != wanted)
      return false;
    path.remove_prefix(part.size());
    pattern.remove_prefix(wanted.size());
  }
  return path.empty() && pattern.empty();
}

bool is_of_type(const json::value& given, std::string_view type) {
  switch (given.type) {
    case kind::null: return type == "null";
    case kind::boolean: return type == "boolean";
    case kind::number: return type == "number" || (type == "integer" && given.as_int());
    case kind::string: return type == "string";
    case kind::array: return type == "array";
    case kind::object: return type == "object";
  }
  return false;
}

} // namespace

documented_api::documented_api() {
  std::ifstream file{NEXTE_SOURCE_DIR "/protocol/control/openapi.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto read = json::parse_value(text);
  if (!read)
    throw std::runtime_error{read.failure().line()};
  document_ = *std::move(read);
}

std::map<std::string, std::set<std::string>> documented_api::operations() const {
  std::map<std::string, std::set<std::string>> all;
  for (const auto& [path, item] : document_.find("paths")->members)
    for (const auto& [method, operation] : item.members) {
      if (!std::ranges::count(methods, method))
        continue;
      auto& names = all[upper(method) + " " + path];
      if (const auto* parameters = operation.find("parameters"))
        for (const auto& parameter : parameters->items)
          if (parameter.string_or_empty("in") == "query")
            names.emplace(parameter.string_or_empty("name"));
    }
  return all;
}

const json::value* documented_api::find_operation(std::string_view method,
                                                  std::string_view path) const {
  for (const auto& [pattern, item] : document_.find("paths")->members)
    if (is_of_template(path, pattern))
      for (const auto& [name, operation] : item.members)
        if (upper(name) == method)
          return &operation;
  return nullptr;
}

std::string documented_api::mismatch(std::string_view method, std::string_view target,
                                     const http_response& response) const {
  const auto* operation = find_operation(method, target.substr(0, target.find('?')));
  if (!operation)
    return response.status == 404 || response.status == 405 ? "" : "no such operation";
  const auto* responses = operation->find("responses");
  const auto* found = responses->find(std::to_string(response.status));
  if (!found && response.status < 400)
    return "status " + std::to_string(response.status) + " is not documented";
  const auto& answer = resolved(found ? *found : *responses->find("default"));
  const auto* content = answer.find("content");
  if (!content)
    return response.body->empty() ? "" : "has a body where none is documented";
  const std::string type{response.headers.get("Content-Type")};
  const auto* media = content->find(type);
  if (!media)
    return "content type \"" + type + "\" is not documented";
  if (type.find("json") == std::string::npos)
    return {};
  std::string_view rest = *response.body;
  const bool lines = type == "application/x-ndjson";
  while (!rest.empty()) {
    const auto text = lines ? rest.substr(0, rest.find('\n')) : rest;
    rest.remove_prefix(std::min(rest.size(), text.size() + (lines ? 1 : 0)));
    const auto body = json::parse_value(text);
    if (!body)
      return body.failure().line();
    if (const auto wrong = check(*media->find("schema"), *body, "$"); !wrong.empty())
      return wrong;
  }
  return {};
}

const json::value& documented_api::resolved(const json::value& node) const {
  std::string_view path = node.string_or_empty("$ref");
  if (path.empty())
    return node;
  const auto* at = &document_;
  path.remove_prefix(2); // "#/"
  while (at && !path.empty()) {
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    at = at->find(name);
  }
  if (!at)
    throw std::runtime_error{"dangling $ref"};
  return *at;
}

std::string documented_api::check(const json::value& node, const json::value& given,
                                  std::string at) const {
  const auto& schema = resolved(node);
  if (const auto* choices = schema.find("oneOf")) {
    const auto fits = [&](const json::value& c) { return check(c, given, at).empty(); };
    return std::ranges::count_if(choices->items, fits) == 1 ? "" : at + " fits no choice";
  }
  if (const auto* type = schema.find("type")) {
    const bool right = type->is_string() ? is_of_type(given, type->text)
                                         : std::ranges::any_of(type->items, [&](const auto& t) {
                                             return is_of_type(given, t.text);
                                           });
    if (!right)
      return at + " has the wrong type";
  }
  if (const auto* values = schema.find("enum"))
    if (std::ranges::none_of(values->items, [&](const auto& v) { return v.text == given.text; }))
      return at + " is \"" + given.text + "\", which is not in its enum";
  if (const auto* least = schema.find("minimum"))
    if (given.as_int() && *given.as_int() < *least->as_int())
      return at + " is below its minimum";
  if (const auto* least = schema.find("minLength"))
    if (static_cast<int64_t>(given.text.size()) < *least->as_int())
      return at + " is too short";
  if (const auto* items = schema.find("items"))
    for (size_t i = 0; i < given.items.size(); ++i)
      if (const auto wrong = check(*items, given.items[i], at + "[" + std::to_string(i) + "]");
          !wrong.empty())
        return wrong;
  return given.is_object() && schema.find("properties") ? check_object(schema, given, at) : "";
}

std::string documented_api::check_object(const json::value& schema, const json::value& given,
                                         const std::string& at) const {
  const auto& properties = *schema.find("properties");
  for (const auto& [name, member] : given.members) {
    const auto* known = properties.find(name);
    if (!known)
      return at + "." + name + " is not documented";
    if (const auto wrong = check(*known, member, at + "." + name); !wrong.empty())
      return wrong;
  }
  if (const auto* required = schema.find("required"))
    for (const auto& name : required->items)
      if (!given.find(name.text))
        return at + "." + name.text + " is missing";
  return {};
}

} // namespace nexte::program
