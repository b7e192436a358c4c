# Runs PROGRAM with FAULT; good is only an end with an error and a report that has WORDS.
execute_process(COMMAND ${PROGRAM} ${FAULT} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
    message(FATAL_ERROR "the planted fault was passed over: ${PROGRAM} ${FAULT} ended with 0\n${said}")
endif()
if(NOT said MATCHES "${WORDS}")
    message(FATAL_ERROR "no report of \"${WORDS}\": ${PROGRAM} ${FAULT} ended with ${status}\n${said}")
endif()
