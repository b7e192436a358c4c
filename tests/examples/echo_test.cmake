mws_add_example_test(echo SOURCES echo_test.cpp LINK Qt6::WebSockets)
add_dependencies(test_example_echo echo_client)
