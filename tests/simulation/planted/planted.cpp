#include "tests/simulation/planted/planted.hpp"

#include <utility>

namespace nexte {
namespace {

std::string now_planted;

} // namespace

void plant(std::string name) {
  now_planted = std::move(name);
}

bool planted(std::string_view name) {
  return now_planted == name;
}

} // namespace nexte
