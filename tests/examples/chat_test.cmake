mws_add_example_test(chat SOURCES chat_test.cpp)
add_dependencies(test_example_chat chat)
