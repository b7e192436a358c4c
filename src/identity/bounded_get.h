#pragma once

#include "identity/answer_bounds.h"
#include "mws/base/result.h"

#include <string>

class QNetworkReply;
class QNetworkRequest;

namespace mws {

/// For each request: no redirects, no cookies or credentials that are kept, nothing that grows when it is
/// unpacked.
void boundRequest(QNetworkRequest &request, const AnswerBounds &bounds);
/// Ends the reply when its answer is too long or too slow; finished() comes in any case.
void boundReply(QNetworkReply *reply, const AnswerBounds &bounds);

struct BoundedAnswer
{
    int status = 0;
    std::string body;
};
/// The answer of a reply that has finished. A body that broke off is kept to a status other than 200.
/// Errors: Unavailable, with what `who` did ("the identity provider").
Result<BoundedAnswer> boundedAnswer(QNetworkReply *reply, const AnswerBounds &bounds, const std::string &who);

} // namespace mws
