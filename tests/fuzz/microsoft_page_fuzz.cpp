// No answer crashes the page reader, what it reads lies within the answer or is kept by the page,
// each body is a whole JSON value, and no link leads away.
#include "protocol/microsoft/checkpoint.hpp"
#include "protocol/microsoft/page_reader.hpp"
#include "tests/fuzz/page_rules.hpp"

using namespace nexte;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  record_guard guard;
  if (const auto read = microsoft::read_delta(text, "https://graph.example/v1.0", guard)) {
    fuzz::require(read->link.starts_with('/') && read->link.size() <= microsoft::link_bytes_max);
    for (const auto& [record, whole, folder] : read->items) {
      fuzz::require(!record.id.empty() && record.id.size() <= record_id_bytes_max);
      fuzz::require(record.deleted == record.body.empty());
      if (record.deleted)
        continue;
      fuzz::require(record.body.data() >= text->data()
                    && record.body.data() + record.body.size() <= text->data() + text->size());
      fuzz::require(record.body.front() == '{' && record.body.back() == '}');
    }
  }
  page into;
  if (const auto one = microsoft::read_item(*text, into, guard); one && *one)
    fuzz::require((*one)->record.body.size() <= text->size());
  fuzz::require(guard.record().empty());
  if (const auto at = microsoft::read_checkpoint(*text))
    fuzz::require(microsoft::read_checkpoint(microsoft::write_checkpoint(*at)) == at);
  if (const auto at = microsoft::read_mail_checkpoint(*text))
    fuzz::require(microsoft::read_mail_checkpoint(microsoft::write_mail_checkpoint(*at)) == at);
  return 0;
}
