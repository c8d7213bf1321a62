# One library target a module: every .cc under src/MODULE, found by wildcard, linked to the modules below it
# (docs/ARCHITECTURE.md; tests/check_layers.py checks the includes).
function(latchkey_module module)
  cmake_parse_arguments(MODULE "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${module}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(${module} STATIC ${sources})
  target_include_directories(${module} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(${module} PUBLIC ${MODULE_USES})
endfunction()

# A C++ source with the text of each file as a string, so that a binary needs no files beside it:
# namespace `space`, one `constexpr std::string_view` array of {name, text} called kFiles.
function(latchkey_embed target space directory pattern)
  set(out ${CMAKE_BINARY_DIR}/generated/${space}_files.h)
  file(GLOB files CONFIGURE_DEPENDS ${directory}/${pattern})
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSPACE=${space} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  add_custom_target(${space}_files DEPENDS ${out})
  add_dependencies(${target} ${space}_files)
  if(NOT TARGET generated)
    add_custom_target(generated)
  endif()
  add_dependencies(generated ${space}_files)
endfunction()
