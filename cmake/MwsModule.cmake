# mws_add_module(<folder> SOURCES ... [LINK ...] [PRIVATE_LINK ...])
#
# A folder under src/ as a static library `mws_<folder>`. Its headers are visible to a target only if that target links
# it: each module exports an include directory of its own that holds nothing but a link to its folder, so that an
# include against the direction of the layers does not compile.
add_library(mws_flags INTERFACE)
target_compile_options(mws_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wconversion
    -Wno-sign-conversion -Werror $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
    # GCC bug 105651: false on std::string's operator+ in optimised builds
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
target_compile_definitions(mws_flags INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_NARROWING_CONVERSIONS_IN_CONNECT)
if(MWS_SANITIZE)
    target_compile_options(mws_flags INTERFACE -fsanitize=${MWS_SANITIZE} -fno-omit-frame-pointer -g1)
    target_link_options(mws_flags INTERFACE -fsanitize=${MWS_SANITIZE})
    # GCC takes the sanitizers' own code for uses of what is not set (GCC bug 105562).
    target_compile_options(mws_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(MWS_SANITIZE MATCHES "undefined")
        # The distribution's Qt has no RTTI for the vptr check of private classes; everything else stops at once.
        target_compile_options(mws_flags INTERFACE -fno-sanitize-recover=all -fno-sanitize=vptr)
    endif()
endif()

function(_mws_layer dir link target)
    file(MAKE_DIRECTORY ${dir})
    if(NOT EXISTS ${dir}/${link})
        file(CREATE_LINK ${target} ${dir}/${link} SYMBOLIC)
    endif()
endfunction()

function(mws_add_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(mws_${name} STATIC ${arg_SOURCES})
    set(layer ${CMAKE_BINARY_DIR}/layers/${name})
    _mws_layer(${layer} ${name} ${CMAKE_SOURCE_DIR}/src/${name})
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/include/mws/${name})
        _mws_layer(${layer}/mws ${name} ${CMAKE_SOURCE_DIR}/include/mws/${name})
    endif()
    target_include_directories(mws_${name} PUBLIC ${layer})
    target_link_libraries(mws_${name} PUBLIC ${arg_LINK} PRIVATE mws_flags ${arg_PRIVATE_LINK})
endfunction()
