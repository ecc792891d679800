// SPDX-License-Identifier: Apache-2.0
// The only file of this room that knows SystemC.
#include "simulation.h"

#include <exception>
#include <systemc>

#include "staleline/engine/component.h"

namespace staleline::run {

namespace {

class Clockwork : public sc_core::sc_module {
 public:
  Clockwork(const sc_core::sc_module_name& name, const std::function<event::Cycle()>& advance)
      : sc_core::sc_module(name), advance_(advance) {
    typedef Clockwork SC_CURRENT_USER_MODULE;  // what SC_HAS_PROCESS declares, which has no modern form
    SC_THREAD(main);
  }
  std::exception_ptr failure;

 private:
  void main() {
    const sc_core::sc_time cycle(1, sc_core::SC_NS);
    event::Cycle now = 0;
    try {
      for (event::Cycle end = advance_(); end != engine::kNever; end = advance_()) {
        if (end <= now) continue;
        wait(cycle * static_cast<double>(end - now));
        now = end;
      }
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // the kernel ends the process
    } catch (...) {
      failure = std::current_exception();
    }
  }

  const std::function<event::Cycle()>& advance_;
};

}  // namespace

void simulate(const std::function<event::Cycle()>& advance) {
  // Elaboration is once for each context, so each run has its own.
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = new sc_core::sc_simcontext;
  Clockwork clockwork("clockwork", advance);
  sc_core::sc_start();
  if (clockwork.failure) std::rethrow_exception(clockwork.failure);
}

}  // namespace staleline::run
