# mws_add_version(<target>)
#
# Gives an executable src/app/version.h's constants. The commit is asked for at each build, and one small file is compiled
# anew when it is another one: nothing else sees it.
#
# The same file is the script that asks: cmake -DSOURCE=… -DOUTPUT=… -DVERSION=… [-DREVISION=…] -P MwsVersion.cmake
set(MWS_REVISION "" CACHE STRING "What --version shows beside the version; empty: git describe, or that of the release archive")

# What `git archive` put into .git_archival.txt; nothing in a checkout, where it still has its placeholders.
function(_mws_archived_revision source result)
    set(${result} "" PARENT_SCOPE)
    if(NOT EXISTS ${source}/.git_archival.txt)
        return()
    endif()
    file(READ ${source}/.git_archival.txt text)
    if(text MATCHES "describe: (v[^ \n]+)")
        set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
    elseif(text MATCHES "commit: ([0-9a-f]+)")
        string(SUBSTRING ${CMAKE_MATCH_1} 0 10 commit)
        set(${result} ${commit} PARENT_SCOPE)
    endif()
endfunction()

# Of a repository whose top is `source`, not of one that it happens to lie in.
function(_mws_described_revision source result)
    set(${result} "" PARENT_SCOPE)
    find_program(GIT_PROGRAM git)
    if(NOT GIT_PROGRAM OR NOT EXISTS ${source}/.git)
        return()
    endif()
    execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_OPTIONAL_LOCKS=0 ${GIT_PROGRAM} -C ${source} describe --tags --match "v[0-9]*" --abbrev=10 --always --dirty
        OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
        set(${result} ${described} PARENT_SCOPE)
    endif()
endfunction()

function(_mws_write_version)
    set(revision "${REVISION}")
    if(revision STREQUAL "")
        _mws_archived_revision(${SOURCE} revision)
    endif()
    if(revision STREQUAL "")
        _mws_described_revision(${SOURCE} revision)
    endif()
    if(NOT revision MATCHES "^[A-Za-z0-9._+/-]*$")
        message(FATAL_ERROR "MWS_REVISION: '${revision}' has other characters than A-Z a-z 0-9 . _ + / -")
    endif()
    set(text ${VERSION})
    if(NOT revision STREQUAL "")
        string(APPEND text " (${revision})")
    endif()
    file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "app/version.h"

namespace mws {

const char *const version = "@VERSION@";
const char *const revision = "@revision@";
const char *const versionText = "@text@";

} // namespace mws
]])
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    _mws_write_version()
    return()
endif()

set(_mws_version_script ${CMAKE_CURRENT_LIST_FILE})

function(mws_add_version target)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/version.cpp)
    add_custom_target(${target}_version BYPRODUCTS ${output} VERBATIM COMMENT "Asking for the revision"
        COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${output} -DVERSION=${PROJECT_VERSION}
            -DREVISION=${MWS_REVISION} -P ${_mws_version_script})
    add_dependencies(${target} ${target}_version)
    target_sources(${target} PRIVATE ${output} ${CMAKE_CURRENT_SOURCE_DIR}/version.h)
    set_source_files_properties(${output} PROPERTIES SKIP_AUTOMOC ON)
endfunction()
