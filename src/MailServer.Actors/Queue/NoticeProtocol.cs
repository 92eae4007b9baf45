using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Dsn;

namespace MailServer.Actors.Queue;

/// <summary>Between a partition and the writers of its notices.</summary>
internal static class NoticeProtocol
{
    /// <summary>The notice was accepted, or never will be: false asks for another attempt later.</summary>
    public sealed record Done(SpoolId Message, DsnAction Action, IReadOnlyList<int> Recipients, bool Sent);
}
