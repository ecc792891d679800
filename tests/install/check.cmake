# SPDX-License-Identifier: Apache-2.0
# Installs BUILD into a folder of its own, builds the consumer against that, and runs a bug and its fix with it.
function(run expected)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL expected)
    message(FATAL_ERROR "`${ARGN}` ended with ${status}, not ${expected}:\n${output}")
  endif()
endfunction()

set(root ${BUILD}/tests/install)
file(REMOVE_RECURSE ${root}/prefix ${root}/consumer)
run(0 ${CMAKE_COMMAND} --install ${BUILD} --prefix ${root}/prefix)
run(0 ${CMAKE_COMMAND} -S ${SOURCE}/tests/install/consumer -B ${root}/consumer -G Ninja
    -DCMAKE_PREFIX_PATH=${root}/prefix -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
run(0 ${CMAKE_COMMAND} --build ${root}/consumer)
set(scenario ${root}/prefix/share/staleline/scenarios/vmm/C2-02-framebuffer-bar.yaml)
run(1 ${root}/consumer/consumer ${scenario} bug)
run(0 ${root}/consumer/consumer ${scenario} fix-maintain)
run(0 ${root}/prefix/bin/staleline run --quiet ${scenario})
