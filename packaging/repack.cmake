# Makes cpack's packages the same whenever and wherever they are made: cpack writes the times of the build into them, dpkg-deb none
# later than SOURCE_DATE_EPOCH. Runs after cpack (CPACK_POST_BUILD_SCRIPTS).
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    message(STATUS "SOURCE_DATE_EPOCH is not set: the package has the times of this build, and cannot be made again just so")
    return()
endif()
foreach(package IN LISTS CPACK_PACKAGE_FILES)
    set(tree ${package}.tree)
    file(REMOVE_RECURSE ${tree})
    execute_process(COMMAND dpkg-deb --raw-extract ${package} ${tree} COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND find ${tree} -type d -exec chmod 0755 {} + COMMAND_ERROR_IS_FATAL ANY) # whatever the umask was
    execute_process(COMMAND find ${tree} -exec touch --no-dereference --date @$ENV{SOURCE_DATE_EPOCH} {} +
        COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND dpkg-deb --root-owner-group -Zxz --build ${tree} ${package} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${tree})
endforeach()
