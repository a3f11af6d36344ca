#include "tests/crash/killing_store.hpp"

namespace gantry::test {

namespace {

class killing_store final : public storage::store {
public:
  killing_store(storage::store& inner, executioner& killer) : inner_{inner}, killer_{killer} {
    // nop
  }

  void write(const storage::batch& changes, bool synced) override {
    if (!synced)
      return inner_.write(changes, synced);
    const auto number = killer_.begin(kill_step::write);
    inner_.write(changes, synced);
    killer_.end(kill_step::write, number);
  }

  [[nodiscard]] std::unique_ptr<storage::snapshot> read() const override { return inner_.read(); }
  [[nodiscard]] uint64_t free_bytes() const override { return inner_.free_bytes(); }

private:
  storage::store& inner_;
  executioner& killer_;
};

} // namespace

std::unique_ptr<storage::store> make_killing_store(storage::store& inner, executioner& killer) {
  return std::make_unique<killing_store>(inner, killer);
}

} // namespace gantry::test
