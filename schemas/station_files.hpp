// What the files of a resin station say, in whole units: times in milliseconds, volumes in
// microlitres. The files themselves keep the words and units of the controllers that Gantry
// replaces.
#pragma once

#include "schemas/describe.hpp"
#include "schemas/pump.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry {

/// `network_settings.ini`: where the printer is, and the wireless networks that belong to it.
struct network_settings {
  std::string host = "192.168.4.2";
  int64_t port = 6'000;
  int64_t reply_timeout_ms = 10'000;
  int64_t poll_interval_ms = 3'000;
  int64_t offline_grace_ms = 30'000;
  std::string wifi_ssid;
  std::optional<std::string> wifi_password;
  bool wifi_enabled = false;
  std::string access_point_ssid;
  std::optional<std::string> access_point_password;
  std::string access_point_address;
  bool access_point_enabled = false;
  int64_t scan_interval_s = 30;
  int64_t retry_attempts = 3;

  template <class V>
  static void describe(V&& v) {
    v("host", &network_settings::host, "Host name or IP address of the printer.", at_most(253));
    v("port", &network_settings::port, "Port of the printer.", defaulted(between(1, 65'535)));
    v("reply_timeout_ms", &network_settings::reply_timeout_ms, "Patience for one whole reply.",
      defaulted(between(1'000, 60'000)));
    v("poll_interval_ms", &network_settings::poll_interval_ms, "Pause between polls.",
      defaulted(between(1'000, 10'000)));
    v("offline_grace_ms", &network_settings::offline_grace_ms,
      "Silence after which a lost printer is an error.", defaulted(between(5'000, 3'600'000)));
    v("wifi_ssid", &network_settings::wifi_ssid, "Wireless network of the printer; kept only.",
      defaulted(at_most(32)));
    v("wifi_password", &network_settings::wifi_password,
      "New password of it. Never given out; null keeps the present one.", defaulted(at_most(63)));
    v("wifi_enabled", &network_settings::wifi_enabled, "Kept only.", defaulted());
    v("access_point_ssid", &network_settings::access_point_ssid,
      "Own wireless network of the controller; kept only.", defaulted(at_most(32)));
    v("access_point_password", &network_settings::access_point_password,
      "New password of it. Never given out; null keeps the present one.", defaulted(at_most(63)));
    v("access_point_address", &network_settings::access_point_address, "Kept only.",
      defaulted(at_most(45)));
    v("access_point_enabled", &network_settings::access_point_enabled, "Kept only.", defaulted());
    v("scan_interval_s", &network_settings::scan_interval_s, "Kept only.",
      defaulted(between(1, 86'400)));
    v("retry_attempts", &network_settings::retry_attempts, "Kept only.",
      defaulted(between(0, 100)));
  }
  bool operator==(const network_settings&) const = default;
};

/// A pump in `pump_profiles.json`.
struct pump_profile {
  std::string key;
  std::string name;
  std::string description;
  int64_t flow_ul_per_s = 5'000;
  int64_t max_volume_ul = 200'000;
  int64_t reservoir_ul = 200'000;
  pump_direction direction = pump_direction::forward;
  bool direction_confirmed = false;
  std::string last_calibrated;

  template <class V>
  static void describe(V&& v) {
    v("key", &pump_profile::key, "pump_a, pump_b, pump_c, pump_d or drain_pump.", at_most(10));
    v("name", &pump_profile::name, "Name for people.", at_most(60));
    v("description", &pump_profile::description, "What it is for.", defaulted(at_most(200)));
    v("flow_ul_per_s", &pump_profile::flow_ul_per_s, "Flow, as calibrated.", between(10, 100'000));
    v("max_volume_ul", &pump_profile::max_volume_ul, "Most that one run may move.",
      between(100, 5'000'000));
    v("reservoir_ul", &pump_profile::reservoir_ul,
      "Size of its reservoir; of the waste container for the drain.",
      defaulted(between(0, 50'000'000)));
    v("direction", &pump_profile::direction, "Which way moves resin as the pump is meant to.",
      defaulted());
    v("direction_confirmed", &pump_profile::direction_confirmed,
      "True once a person has seen that the direction is right.", defaulted());
    v("last_calibrated", &pump_profile::last_calibrated, "When the flow was measured.",
      defaulted(at_most(40)));
  }
  bool operator==(const pump_profile&) const = default;
};

/// `pump_profiles.json`: the pumps, and how a material is changed.
struct pump_settings {
  std::vector<pump_profile> pumps;
  int64_t quiescence_ms = 10'000;
  int64_t bed_raise_delay_ms = 2'000;
  int64_t bed_raise_time_ms = 15'000;
  int64_t bed_raise_buffer_ms = 3'000;
  int64_t drain_volume_ul = 50'000;
  int64_t fill_volume_ul = 45'000;
  int64_t settle_ms = 5'000;
  bool valve_during_drain = false;
  std::string initial_material;

  template <class V>
  static void describe(V&& v) {
    v("pumps", &pump_settings::pumps, "One per material that can be filled, and one drain.",
      at_most(5));
    v("quiescence_ms", &pump_settings::quiescence_ms,
      "Silence towards the printer after an accepted pause.", defaulted(between(0, 120'000)));
    v("bed_raise_delay_ms", &pump_settings::bed_raise_delay_ms,
      "From the observed pause until the plate begins to rise.", defaulted(between(0, 200'000)));
    v("bed_raise_time_ms", &pump_settings::bed_raise_time_ms, "How long the plate rises.",
      defaulted(between(0, 200'000)));
    v("bed_raise_buffer_ms", &pump_settings::bed_raise_buffer_ms,
      "Added for safety; the plate counts as clear after all three.",
      defaulted(between(0, 200'000)));
    v("drain_volume_ul", &pump_settings::drain_volume_ul, "Volume that is drained.",
      defaulted(between(100, 5'000'000)));
    v("fill_volume_ul", &pump_settings::fill_volume_ul, "Volume that is filled.",
      defaulted(between(100, 5'000'000)));
    v("settle_ms", &pump_settings::settle_ms, "Rest after filling.",
      defaulted(between(0, 3'600'000)));
    v("valve_during_drain", &pump_settings::valve_during_drain,
      "True if the air valve opens while draining.", defaulted());
    v("initial_material", &pump_settings::initial_material,
      "Material in the vat at the start of a print, unless the start says otherwise.",
      defaulted(at_most(40)));
  }
  /// The pump called `wanted`, or null.
  [[nodiscard]] const pump_profile* pump(std::string_view wanted) const {
    for (const auto& x : pumps)
      if (x.key == wanted)
        return &x;
    return nullptr;
  }
  bool operator==(const pump_settings&) const = default;
};

/// A text that may become a recipe.
struct recipe_text {
  std::string text;

  template <class V>
  static void describe(V&& v) {
    v("text", &recipe_text::text, "A recipe in any form that is known, such as A,50:B,120.",
      at_most(65'536));
  }
};

} // namespace gantry
