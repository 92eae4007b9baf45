using MailServer.Protocol.Dav;
using MailServer.Web.Dav.Scheduling;

namespace MailServer.Web.Dav.Methods;

/// <summary>POST: into the scheduling outbox, a question of when others are free (RFC 6638 §5).</summary>
internal static class Post
{
    public static Task HandleAsync(DavRequest request) =>
        OutboxPost.IsFor(request) ? OutboxPost.AnswerAsync(request) : throw DavException.MethodNotAllowed("nothing is posted here");
}
