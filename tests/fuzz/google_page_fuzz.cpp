// No answer crashes the page readers, what they read is kept by the page, and each body is a whole
// JSON value.
#include "protocol/google/checkpoint.hpp"
#include "protocol/google/gmail_reader.hpp"
#include "tests/fuzz/page_rules.hpp"

using namespace nexte;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  if (const auto read = google::read_message_ids(text))
    for (const auto& id : read->ids)
      fuzz::require(!id.empty() && id.size() <= record_id_bytes_max);
  if (const auto read = google::read_history(text))
    for (const auto& change : read->changes)
      fuzz::require(!change.id.empty() && !change.at.empty());
  page into;
  record_guard guard;
  if (google::read_message(text, "1", into, guard))
    for (const auto& record : into.records)
      fuzz::require(record.body.starts_with('{') && record.body.ends_with('}'));
  fuzz::require(guard.record().empty());
  if (const auto at = google::read_checkpoint(text))
    fuzz::require(google::read_checkpoint(google::write_checkpoint(*at)) == at);
  return 0;
}
