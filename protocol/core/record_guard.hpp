// Which record a connector reads just now, and which ones it must step over.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace nexte {

/// A connector calls `enter` before it looks at what a record holds, and `leave` once its page is
/// read. If it breaks in between, the record entered last is to blame; one that breaks its
/// connector twice is stepped over from then on. Costs two short copies a record.
class record_guard {
public:
  /// False: this record broke its connector before. What it holds must not be looked at; it goes
  /// into `page::unread` with an empty reason. `version` empty: not known yet.
  [[nodiscard]] bool enter(std::string_view id, std::string_view version) {
    if (!barred_.empty() && bars(id, version))
      return false;
    record_.assign(id);
    version_.assign(version);
    return true;
  }
  void leave() {
    record_.clear();
    version_.clear();
  }
  /// Steps over the record from now on, while it stands in `version`; empty: in every one.
  void bar(std::string id, std::string version) {
    barred_.insert_or_assign(std::move(id), std::move(version));
  }

  /// The record being read; empty: none.
  const std::string& record() const {
    return record_;
  }
  const std::string& version() const {
    return version_;
  }

private:
  bool bars(std::string_view id, std::string_view version) const {
    const auto at = barred_.find(id);
    return at != barred_.end() && (at->second.empty() || version.empty() || at->second == version);
  }

  std::map<std::string, std::string, std::less<>> barred_; ///< Versions by id.
  std::string record_;
  std::string version_;
};

} // namespace nexte
