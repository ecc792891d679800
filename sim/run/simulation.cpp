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
    SC_METHOD(window);                         // no stack of its own, which sanitizers would take for the wrong one
  }
  std::exception_ptr failure;

 private:
  /// Runs windows until time passes; without a next trigger the simulation ends.
  void window() {
    try {
      event::Cycle end = advance_();
      while (end <= now_) end = advance_();
      if (end == engine::kNever) return;
      next_trigger(sc_core::sc_time(1, sc_core::SC_NS) * static_cast<double>(end - now_));
      now_ = end;
    } catch (...) {
      failure = std::current_exception();
    }
  }

  event::Cycle now_ = 0;
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
