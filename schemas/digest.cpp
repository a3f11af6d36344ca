#include "schemas/digest.hpp"

#include <array>
#include <openssl/evp.h>

namespace gantry {

struct sha256::state {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::array<unsigned char, 32> digest{};

  state() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~state() { EVP_MD_CTX_free(context); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  void finish() { EVP_DigestFinal_ex(context, digest.data(), nullptr); }
};

sha256::sha256() : state_{std::make_unique<state>()} {
  // nop
}

sha256::~sha256() = default;
sha256::sha256(sha256&&) noexcept = default;
sha256& sha256::operator=(sha256&&) noexcept = default;

void sha256::update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string sha256::finish_hex() {
  state_->finish();
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(64);
  for (const auto byte : state_->digest) {
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

uint64_t sha256::finish_bits() {
  state_->finish();
  uint64_t result = 0;
  for (size_t i = 0; i < 8; ++i)
    result = result << 8 | state_->digest[i];
  return result;
}

std::string sha256_hex(std::string_view bytes) {
  sha256 hash;
  hash.update(bytes);
  return hash.finish_hex();
}

} // namespace gantry
