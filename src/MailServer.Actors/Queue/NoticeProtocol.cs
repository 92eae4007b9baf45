using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Dsn;

namespace MailServer.Actors.Queue;

/// <summary>Messages between a partition and the actors that write its notices.</summary>
internal static class NoticeProtocol
{
    /// <summary>The notice was accepted or permanently failed; <paramref name="Sent"/> is false when it must be tried again later.</summary>
    public sealed record NoticeFinished(SpoolId Message, DsnAction Action, IReadOnlyList<int> Recipients, bool Sent);
}
