// A virtual world in which connectors break when told to. GoogleTest fixture.
#pragma once

#include "tests/support/world_view.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::test {

class broken_world : public virtual_world {
protected:
  /// From now on every call to `part` of the API breaks the connector that sends it.
  void plant_defect(std::string part = "/objects/") {
    net->intercept =
        [this, part = std::move(part)](const http_request& request) -> std::optional<http_answer> {
      if (request.url.find(part) == std::string::npos)
        return std::nullopt;
      crashes.push_back(wall_now() - planted_at);
      throw std::runtime_error{"a planted defect"};
    };
    planted_at = wall_now();
    crashes.clear();
  }
  /// Plants a defect and runs to the very moment of its `count`th failure.
  void crash(integration_id id, size_t count = 1) {
    plant_defect();
    EXPECT_TRUE(refresh(id));
    for (milliseconds wait = 1s; crashes.size() < count && wait < 32s; wait *= 2)
      advance(wait);
    ASSERT_EQ(crashes.size(), count);
  }
  /// Two failures in a row, a run of `healthy`, a third: how long it then waits.
  milliseconds wait_after(milliseconds healthy) {
    boot();
    const auto id = connected();
    advance(1min);
    crash(id, 2);
    net->intercept = {};
    advance(2s + healthy);
    crash(id);
    const auto panel = status(id);
    return panel.next_step_at ? *panel.next_step_at - wall_now() : 0ms;
  }
  size_t told(std::string_view kind) {
    size_t count = 0;
    for (const auto& one : notifications)
      count += one.kind == kind;
    return count;
  }
  bool has_incident(integration_id id, std::string_view kind) {
    for (const auto& one : status(id).incidents)
      if (one.kind == kind)
        return true;
    return false;
  }
  result<void> refresh(integration_id id) {
    return ask<void>([&](auto done) { engine().refresh(id, done); });
  }
  /// Turns over the bytes of the integration's rows, on disk and so in memory; again: mends them.
  void turn_over(std::string_view text) {
    const auto file = data_dir() / "data.mdb";
    std::string bytes;
    {
      std::ifstream in{file, std::ios::binary};
      bytes.assign(std::istreambuf_iterator<char>{in}, {});
    }
    std::fstream out{file, std::ios::binary | std::ios::in | std::ios::out};
    std::string turned{text};
    for (auto& c : turned)
      c = static_cast<char>(c ^ 0x20);
    const auto& now = bytes.find(text) != bytes.npos ? text : std::string_view{turned};
    const auto& then = now == text ? std::string_view{turned} : text;
    for (auto at = bytes.find(now); at != bytes.npos; at = bytes.find(now, at + 1)) {
      out.seekp(static_cast<std::streamoff>(at));
      out.write(then.data(), static_cast<std::streamsize>(then.size()));
    }
  }

  wall_time planted_at{};
  std::vector<milliseconds> crashes; ///< When, since the defect was planted.
};

} // namespace nexte::test
