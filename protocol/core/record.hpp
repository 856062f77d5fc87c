// Records as slices of the answer they came in, and the page that owns that answer.
#pragma once

#include "protocol/core/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nexte {

inline constexpr size_t record_id_bytes_max = 200;

/// One item of a stream. The texts live in the page that carries it.
struct record_view {
  std::string_view id; ///< The provider's id: 1 to 200 bytes.
  std::string_view
      version; ///< ETag, sequence or change time as the provider writes it; may be empty.
  wall_time modified_at{}; ///< The provider's clock; epoch when the provider does not say.
  bool deleted = false;    ///< Archived or deleted at the provider.
  std::string_view body;   ///< The provider's JSON, whole and unchanged; may be empty if `deleted`.
};

/// A record that could not be read: it is stepped over and named. A copy stored earlier stays as it
/// is and counts as shown. The texts live in the page that carries it.
struct unread_record {
  std::string_view id;      ///< Empty: not known. Then a sweep of its page deletes nothing.
  std::string_view version; ///< Empty: not known.
  std::string reason;       ///< For people. Empty: known already, see `record_guard::enter`.
};

/// Where a page stands in a complete enumeration of its stream. From `first` to `last` every live
/// record of the provider is shown; what was there before `first` and was not shown is gone.
enum class sweep : uint8_t {
  none,  ///< Not part of an enumeration (an incremental page).
  first, ///< Begins an enumeration, forgetting an unfinished one.
  more,  ///< Goes on with it.
  last,  ///< Completes it: with this page's commit absent records become deleted.
  whole, ///< First and last at once.
};

/// Records that become durable together with the checkpoint that follows them.
class page {
public:
  page() = default;
  explicit page(std::shared_ptr<const std::string> bytes) {
    keep_alive_.push_back(std::move(bytes));
  }

  std::vector<record_view> records;
  std::vector<unread_record> unread;
  /// What the stream goes on from after this page; opaque to all but its connector, at most
  /// 1 MiB, and better a few KB: it is written with each page. Absent: the stored one stays.
  std::optional<std::string> next_checkpoint;
  sweep enumeration = sweep::none;
  /// The source may show an older state than one already stored (a search index that lags): such
  /// records must not revive a deletion that is newer than they are.
  bool lagging = false;

  /// Holds further bytes that records point into, for as long as the page lives.
  std::string_view keep(std::string bytes) {
    keep_alive_.push_back(std::make_shared<const std::string>(std::move(bytes)));
    return *keep_alive_.back();
  }
  /// The bytes held, for a bound on memory.
  size_t payload_bytes() const {
    size_t sum = 0;
    for (const auto& bytes : keep_alive_)
      sum += bytes->size();
    return sum;
  }

private:
  std::vector<std::shared_ptr<const std::string>> keep_alive_;
};

// GCC 12 destroys an aggregate temporary in a co_await operand twice.
static_assert(!std::is_aggregate_v<page>);

} // namespace nexte
