// SHA-256, the content address of artifacts and the source of derived ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gantry {

/// Incremental SHA-256. Not thread-safe; one per stream of bytes.
class sha256 {
public:
  sha256();
  ~sha256();
  sha256(sha256&&) noexcept;
  sha256& operator=(sha256&&) noexcept;

  /// Adds `bytes` to what is hashed.
  void update(std::string_view bytes);
  /// The digest as 64 lower-case hexadecimal digits. The object must not be used afterwards.
  [[nodiscard]] std::string finish_hex();
  /// The first 8 bytes of the digest as a big-endian number. Ends the object's use like
  /// `finish_hex`.
  [[nodiscard]] uint64_t finish_bits();

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

} // namespace gantry
