#include "hal/pumps/i2c_bus.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace gantry::pumps {

namespace {

/// In units of 10 ms: a hanging device must not hold up what switches others off.
constexpr unsigned long timeout_ticks = 1;

class linux_bus final : public i2c_bus {
public:
  explicit linux_bus(int descriptor) : descriptor_{descriptor} {
    ::ioctl(descriptor_, I2C_TIMEOUT, timeout_ticks);
    ::ioctl(descriptor_, I2C_RETRIES, 0UL);
  }
  ~linux_bus() override { ::close(descriptor_); }
  linux_bus(const linux_bus&) = delete;
  linux_bus& operator=(const linux_bus&) = delete;

  std::string write(uint8_t address, std::span<const uint8_t> bytes) override {
    // The interface takes a pointer to non-const also for what it only reads.
    i2c_msg message{.addr = address,
                    .flags = 0,
                    .len = static_cast<__u16>(bytes.size()),
                    .buf = const_cast<__u8*>(bytes.data())};
    i2c_rdwr_ioctl_data all{.msgs = &message, .nmsgs = 1};
    if (::ioctl(descriptor_, I2C_RDWR, &all) == 1)
      return {};
    return std::generic_category().message(errno);
  }

private:
  int descriptor_;
};

} // namespace

result<std::unique_ptr<i2c_bus>> open_i2c_bus(const std::string& device) {
  const int descriptor = ::open(device.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0)
    return refusal{
        reason::pump_hardware_absent,
        {{"pump", device},
         {"detail", "i2c_absent " + device + ": " + std::generic_category().message(errno)}}};
  return std::unique_ptr<i2c_bus>{new linux_bus{descriptor}};
}

} // namespace gantry::pumps
