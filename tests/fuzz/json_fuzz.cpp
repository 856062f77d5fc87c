// No input may crash the reader, every offset it tells cuts out a value, and what the writer makes
// of a tree reads back as the same tree.
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <cstdlib>

using namespace nexte;

namespace {

void require(bool fact) {
  if (!fact)
    std::abort();
}

void write(json::writer& out, const json::value& tree) {
  switch (tree.type) {
    case json::value::kind::null: out.null(); return;
    case json::value::kind::boolean: out.value(tree.truth); return;
    case json::value::kind::number: out.raw(tree.text); return;
    case json::value::kind::string: out.value(tree.text); return;
    case json::value::kind::array:
      out.begin_array();
      for (const auto& item : tree.items)
        write(out, item);
      out.end_array();
      return;
    case json::value::kind::object:
      out.begin_object();
      for (const auto& [name, member] : tree.members)
        write(out.key(name), member);
      out.end_object();
      return;
  }
}

std::string written(const json::value& tree) {
  json::writer out;
  write(out, tree);
  return out.take();
}

class offset_check final : public json::events {
public:
  explicit offset_check(std::string_view text) : text_(text) {}
  bool on_null(size_t offset) override {
    return begins(offset, "null");
  }
  bool on_bool(bool value, size_t offset) override {
    return begins(offset, value ? "true" : "false");
  }
  bool on_number(std::string_view text, size_t offset) override {
    return begins(offset, text);
  }
  bool on_string(std::string_view, size_t offset) override {
    return begins(offset, "\"");
  }
  bool on_key(std::string_view) override {
    return true;
  }
  bool on_object_begin(size_t offset) override {
    return begins(offset, "{");
  }
  bool on_object_end(size_t end) override {
    return begins(end - 1, "}");
  }
  bool on_array_begin(size_t offset) override {
    return begins(offset, "[");
  }
  bool on_array_end(size_t end) override {
    return begins(end - 1, "]");
  }

private:
  bool begins(size_t offset, std::string_view with) {
    require(text_.substr(offset).starts_with(with));
    return true;
  }
  std::string_view text_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  offset_check offsets{text};
  const bool strict = bool(json::parse(text, offsets));
  const bool commented = bool(json::parse_with_comments(text, offsets));
  require(commented || !strict);
  if (const auto tree = json::parse_value(text)) {
    const std::string once = written(*tree);
    const auto again = json::parse_value(once);
    require(bool(again) && written(*again) == once);
  }
  json::quoted(text);
  return 0;
}
