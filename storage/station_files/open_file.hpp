// A file that is open for a scope.
#pragma once

#include <string>
#include <string_view>

namespace gantry::storage {

/// Closes its file at the end of a scope. A failure leaves its reason in `errno`.
class open_file {
public:
  /// Opens `path` with the flags of open(2), closed on exec; `mode` is that of a new file.
  open_file(const std::string& path, int flags, unsigned mode = 0640);
  ~open_file();
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }
  /// Writes all of `bytes`; false if that fails.
  [[nodiscard]] bool write(std::string_view bytes) const;

private:
  int number_;
};

} // namespace gantry::storage
