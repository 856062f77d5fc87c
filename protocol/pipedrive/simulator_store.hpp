// The records of one kind in one simulated company.
#pragma once

#include "protocol/json/writer.hpp"
#include "protocol/pipedrive/simulator_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nexte::simulation::pipedrive {

/// Times are of whole seconds.
struct kept_record {
  int64_t id = 0;
  wall_time added_at{};
  wall_time updated_at{};
  std::optional<wall_time> deleted_at;
  std::optional<wall_time> archived_at;
  field_values values; ///< Those that are not null.

  /// JSON text; "null" where there is no value.
  std::string_view get(uint8_t field) const;
  void set(uint8_t field, std::string value);
};

/// A deleted record can be brought back for so long; then it is purged (pipedrive.md §3.2).
inline constexpr std::chrono::days deleted_kept{30};

enum class sort_key : uint8_t { id, update_time, add_time };
enum class record_state : uint8_t {
  live,
  live_or_deleted, ///< Neither is archived.
  deleted,
  archived,
};

struct list_query {
  record_state state = record_state::live;
  std::optional<wall_time> since; ///< From this update time on.
  std::optional<wall_time> until; ///< Before it.
  sort_key sort = sort_key::id;
  bool descending = false;
  size_t limit = 100;
  /// Behind the record of this sort value and id. By id the value is 0.
  std::optional<std::pair<int64_t, int64_t>> after;
  std::vector<int64_t> ids;                              ///< Only these; empty: all.
  std::vector<std::pair<uint8_t, std::string>> equal_to; ///< JSON texts by field.
};

class record_store {
public:
  explicit record_store(const schema& type) : type_(type) {}

  const schema& type() const {
    return type_;
  }
  /// Live, archived or deleted; null when there is none or it was purged.
  const kept_record* find(int64_t id, wall_time now) const;
  const kept_record& create(const written_record& from, wall_time now);
  /// @pre there is such a record; so for the others
  const kept_record& update(int64_t id, const written_record& from, wall_time now);
  const kept_record& remove(int64_t id, wall_time now);
  const kept_record& restore(int64_t id, wall_time now);
  void erase(int64_t id);
  /// A record as it was long ago.
  void seed(kept_record record);
  /// At most `limit` records in order, and whether there are more.
  std::pair<std::vector<const kept_record*>, bool> list(const list_query& query,
                                                        wall_time now) const;
  /// Where `list` goes on behind this record.
  static std::pair<int64_t, int64_t> position_of(const kept_record& record, sort_key sort);
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [id, record] : records_)
      visit(record);
  }

  /// How often each record was in an answer.
  std::unordered_map<int64_t, uint32_t> served;

private:
  bool matches(const kept_record& record, const list_query& query, wall_time now) const;
  void apply(kept_record& record, const written_record& from, wall_time now);
  void touch(kept_record& record, wall_time at);

  const schema& type_;
  std::map<int64_t, kept_record> records_;
  std::set<std::pair<wall_time, int64_t>> by_update_;
  int64_t last_id_ = 0;
};

/// A record as v2 shows it (pipedrive.md §2).
void write_record(json::writer& out, const schema& type, const kept_record& record);

} // namespace nexte::simulation::pipedrive
