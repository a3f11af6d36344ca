// The guard's instantiations of the codec: its file, its ledger and its messages.
#include "hal/guard/guard_messages.hpp"
#include "hal/guard/guard_settings.hpp"
#include "hal/guard/ledger.hpp"
#include "schemas/codec_impl.hpp"

namespace gantry {

template result<guard::guard_settings> from_json_text(std::string_view, strictness);
template result<guard::ledger> from_json_text(std::string_view, strictness);
template std::string to_json_text(const guard::ledger&);

namespace guard {

namespace {

template <class T>
result<T> read_packet(std::string_view packet) {
  auto invalid = [](const std::string& detail) {
    return refusal{reason::pump_request_invalid, {{"detail", detail}}};
  };
  if (packet.size() > packet_bytes_max)
    return invalid("it is longer than " + std::to_string(packet_bytes_max) + " bytes");
  auto read = from_json_text<T>(packet, strictness::request);
  if (!read)
    return invalid(read.why().text());
  return read;
}

} // namespace

std::string to_packet(const guard_order& given) {
  return to_json_text(given);
}

std::string to_packet(const guard_notice& given) {
  return to_json_text(given);
}

result<guard_order> read_order(std::string_view packet) {
  return read_packet<guard_order>(packet);
}

result<guard_notice> read_notice(std::string_view packet) {
  return read_packet<guard_notice>(packet);
}

} // namespace guard
} // namespace gantry
