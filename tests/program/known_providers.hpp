// A provider for tests of the program, which needs only names.
#pragma once

#include "actors/program/config.hpp"

namespace nexte::program {

inline known_providers test_providers() {
  static const provider_description hubspot = [] {
    provider_description made;
    made.name = "hubspot";
    made.title = "HubSpot";
    made.api_base = "https://api.hubapi.example";
    made.authorize_url = "https://app.hubspot.example/authorize";
    made.token_url = "https://api.hubapi.example/token";
    for (const auto* stream : {"contacts", "companies", "deals"}) {
      made.streams.emplace_back();
      made.streams.back().name = stream;
    }
    return made;
  }();
  static const provider_description figma = [] {
    provider_description made;
    made.name = "figma";
    made.title = "Figma";
    made.api_base = "https://api.figma.example";
    made.token_url = "https://api.figma.example/token";
    made.streams.emplace_back();
    made.streams.back().name = "files";
    return made;
  }();
  static const provider_description* const all[] = {&hubspot, &figma};
  return all;
}

} // namespace nexte::program
