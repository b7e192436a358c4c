#include "net/epoll_dispatcher.h"

#include <QCoreApplication>
#include <gtest/gtest.h>

int main(int argc, char *argv[])
{
    testing::InitGoogleTest(&argc, argv);
    QCoreApplication::setEventDispatcher(new mws::EpollDispatcher);
    const QCoreApplication application(argc, argv);
    return RUN_ALL_TESTS();
}
